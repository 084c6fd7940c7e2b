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
    private var redaction: Redaction?

    init(control: ControlPlane, selection: LogSelection) {
        self.control = control
        self.selection = selection
    }

    /// The end of the logs the first time, then what was added.
    mutating func next() async throws -> [LogView] {
        var lines: [LogView] = []
        let redact: Redaction
        if let redaction {
            redact = redaction
        } else {
            redact = try await control.ports.redaction(of: selection.environment)
        }
        redaction = redact
        for instance in try await instances() {
            let cursor = cursors[instance]
            let page = try await control.ports.services.log(
                of: instance,
                after: cursor,
                limit: cursor == nil ? selection.limit : Self.added,
            )
            cursors[instance] = page.next ?? cursors[instance]
            lines += page.lines.map { line in
                LogView(
                    at: line.at,
                    instance: "\(instance.service).\(instance.replica)",
                    slot: instance.slot.rawValue,
                    text: redact(line.text),
                )
            }
        }
        return lines.sorted { $0.at < $1.at }
    }

    /// Lines of one instance that are read at a time once its log is followed.
    private static let added = 10_000

    /// Those that run, or all that ran a release whose log is kept.
    private func instances() async throws -> [InstanceID] {
        try await control.ports.services.logged(in: selection.environment)
            .filter { selection.service == nil || $0.id.service == selection.service }
            .filter { selection.release.map { [release = $0.release] in $0 == release } ?? !$0.isGone }
            .map(\.id)
    }

    /// Throws `not-found` when a release is asked for whose log is not kept: another was started in its place.
    func checkRelease() async throws {
        guard let release = selection.release, try await instances().isEmpty else { return }
        let environment = selection.environment
        throw Failure(
            .notFound,
            "no log of \(release) is kept in \(environment): it was never started, or another release has its slot since",
            hint: "the end of it is in its deployment: opshub status, then opshub events DEPLOYMENT",
        )
    }
}
