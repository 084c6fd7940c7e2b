// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery

/// Which logs are asked for.
struct LogSelection: Sendable {
    let environment: EnvironmentKey
    let service: ServiceName?
    let release: ReleaseID?
    let limit: Int
}

/// Reads the logs of an environment's instances, merged by time, from the end on.
struct LogReader: Sendable {
    let control: ControlPlane
    let selection: LogSelection
    private var cursors: [InstanceID: LogCursor] = [:]

    init(control: ControlPlane, selection: LogSelection) {
        self.control = control
        self.selection = selection
    }

    /// The end of the logs the first time, then what was added.
    mutating func next() async throws -> [LogView] {
        var lines: [LogView] = []
        for instance in try await instances() {
            let page = try await control.ports.services.log(
                of: instance,
                after: cursors[instance],
                limit: selection.limit,
            )
            cursors[instance] = page.next ?? cursors[instance]
            lines += page.lines.map { line in
                LogView(
                    at: line.at,
                    instance: "\(instance.service).\(instance.replica)",
                    slot: instance.slot.rawValue,
                    text: line.text,
                )
            }
        }
        return lines.sorted { $0.at < $1.at }
    }

    private func instances() async throws -> [InstanceID] {
        try await control.ports.services.instances(of: selection.environment)
            .filter { selection.service == nil || $0.id.service == selection.service }
            .filter { selection.release == nil || $0.release == selection.release }
            .map(\.id)
    }
}
