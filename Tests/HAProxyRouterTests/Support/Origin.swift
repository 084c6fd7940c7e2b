// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import HostSystem
import Testing

@testable import HAProxyRouter

/// The scriptable application of `Tests/Fixtures/scriptable`, listening on loopback until the test ends.
struct Origin: Sendable {
    /// What it says it is, in the header `X-Version` of every answer.
    let version: String
    /// Where it listens.
    let port: Int
    private let running: Task<Void, any Error>

    /// Starts one and returns once it answers.
    static func start(
        _ version: String,
        _ behaviour: [String: Int],
        in edge: EdgeHome,
    ) async throws -> Origin {
        let port = try FreePort.next()
        let folder = "\(edge.settings.folder)/origin-\(port)"
        try Folder.make(folder)
        let source = try #require(try FileContent.bytes(of: "\(Self.source)/server.py"))
        try FileContent.write(source, to: "\(folder)/server.py")
        let members = behaviour.map { "\"\($0.key)\": \($0.value)" } + ["\"version\": \"\(version)\""]
        let script = "{ \(members.joined(separator: ", ")) }"
        try FileContent.write(Array(script.utf8), to: "\(folder)/behaviour.json")
        let program = Program(
            "python3",
            ["server.py"],
            in: folder,
            environment: ["PORT": "\(port)"],
            deadline: .seconds(600),
        )
        // Runs beside the test; ended and awaited when the test ends.
        let running = Task(name: "origin \(version)") {
            _ = try await ProgramRunner().run(program) { _ in }
        }
        let origin = Origin(version: version, port: port, running: running)
        edge.atEnd { await origin.stop() }
        try await eventually("\(version) answers") {
            (try? await EdgeClient(port: port).ask("/health", host: nil)) != nil  // Not yet: asked again.
        }
        return origin
    }

    /// Ends it, and returns when it is gone.
    func stop() async {
        running.cancel()
        _ = await running.result
    }

    private static let source =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Fixtures/scriptable"
}
