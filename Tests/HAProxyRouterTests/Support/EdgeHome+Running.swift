// SPDX-License-Identifier: Apache-2.0
import HostSystem

@testable import HAProxyRouter

extension EdgeHome {
    /// The running edge, asked past the router.
    var running: RunningEdge {
        RunningEdge(socket: RuntimeSocket(path: settings.socket), settings: settings)
    }

    /// Names the worker that answers; another one after a reload.
    func epoch() async throws -> String { try await running.epoch() }

    /// What is still to be done to make the running edge do what its files say.
    func differences() async throws -> [String] {
        let state = try EdgeFiles(settings: settings).read() ?? EdgeState()
        return EdgeTables(state).commands(from: try await running.tables()) { settings.map($0) }
    }

    /// Changes the running edge behind the router's back.
    func command(_ command: String) async throws {
        try await RuntimeSocket(path: settings.socket).run([command])
    }

    /// Puts a text in the place of one of the edge's files.
    func overwrite(_ file: String, with text: String) throws {
        try FileContent.write(Array(text.utf8), to: "\(settings.folder)/\(file)")
    }
}
