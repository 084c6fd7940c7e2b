// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// The edge's process: HAProxy as master and worker, kept running by its own supervisor outside the control plane.
struct EdgeProcess {
    let settings: EdgeSettings
    let supervisor: Supervisor
    let runner: ProgramRunner

    /// Throws `edge-failed` with HAProxy's own words unless the configuration file is one that it takes.
    func checkConfiguration(_ path: String) async throws {
        let result = try await runner.run(Program("haproxy", ["-c", "-f", path]))
        _ = try result.checked(.edgeFailed, doing: "checking the edge's configuration")
    }

    /// Makes it run, and returns once it answers.
    func ensure(_ socket: RuntimeSocket) async throws {
        try await supervisor.ensure(
            SupervisedProgram(
                folder: settings.service,
                command: ["haproxy", "-W", "-db", "-f", settings.configuration],
                directory: settings.folder,
                ambient: ["PATH": ExecutablePath.folders],
                log: .init(
                    folder: settings.log,
                    fileSize: .mebibytes(64),
                    keptFiles: 4,
                    writer: settings.logWriter,
                ),
                stop: .init(timeout: .seconds(10)),
            )
        )
        // Not yet: asked again.
        try await waitUntil("the edge answers") { (try? await socket.ask("show info")) != nil }
    }

    /// Makes it read its files again, and returns once the new worker answers.
    ///
    /// The old one ends with its connections.
    func reload(_ socket: RuntimeSocket, epoch: () async throws -> String) async throws {
        let before = try await epoch()
        try supervisor.send(.user2, to: settings.service)
        try await waitUntil("the edge has reloaded") {
            guard let now = try? await epoch() else { return false }  // Between two workers: asked again.
            return now != before
        }
    }

    /// Process ids of every worker: the present one, and earlier ones that still have connections.
    func workers() throws -> [Int32] {
        guard let master = try supervisor.status(of: settings.service)?.process else { return [] }
        return ProcessTable.all().filter { $0.parent == master && !$0.isZombie }.map(\.id)
    }

    private func waitUntil(_ what: String, _ condition: () async throws -> Bool) async throws {
        let clock = ContinuousClock()
        let begin = clock.now
        while try await !condition() {
            guard clock.now - begin < .seconds(30) else {
                throw Failure(
                    .edgeFailed,
                    "gave up waiting until \(what)",
                    hint: "read its messages: tail \(settings.log)/current",
                )
            }
            try await clock.sleep(for: .milliseconds(20))
        }
    }
}
