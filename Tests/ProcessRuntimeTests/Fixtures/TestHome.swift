// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Glibc
import HostSystem
import Manifest
import ProcessRuntime
import Synchronization
import Testing

/// A home of OpsHub for one test, with an environment of its own; everything in it is undone when the test ends.
final class TestHome: Sendable {
    let layout: HomeLayout
    let key: EnvironmentKey
    let runtime: ProcessServiceRuntime
    let builds: ProcessBuildRunner
    private let undoings = Mutex<[@Sendable () async throws -> Void]>([])

    private init(below folder: String, _ key: EnvironmentKey) throws {
        layout = HomeLayout(root: "\(folder)/opshub-home-\(UInt32.random(in: 0...UInt32.max))")
        self.key = key
        try Folder.make(layout.programs, mode: 0o755)
        try FileContent.write(Array(Self.fileServer.utf8), to: "\(layout.programs)/opshub", mode: 0o755)
        runtime = ProcessServiceRuntime(layout: layout, fileServer: "\(layout.programs)/opshub")
        builds = ProcessBuildRunner(layout: layout)
    }

    /// Runs `body` with a home; last in, first out when it ends, however it ends.
    static func use(
        below folder: String = "/tmp",
        environment: String = "test",
        _ body: (TestHome) async throws -> Void,
    ) async throws {
        let key = await TestAccounts.shared.take(environment)
        let home = try TestHome(below: folder, key)
        home.atEnd { try await TestAccounts.shared.leave(key) }
        home.atEnd { [root = home.layout.root] in try Folder.remove(root) }
        home.atEnd { [runtime = home.runtime] in
            for instance in try await runtime.instances(of: key) { try await runtime.stop(instance.id) }
        }
        do {
            try await body(home)
        } catch {
            await home.end()
            throw error
        }
        await home.end()
    }

    /// Remembers what to undo.
    func atEnd(_ undo: @Sendable @escaping () async throws -> Void) {
        undoings.withLock { $0.append(undo) }
    }

    /// The account of the environment's services.
    var user: SystemUser { account(.services) }

    /// The account of the environment's builds.
    var builder: SystemUser { account(.builds) }

    private func account(_ purpose: AccountName.Purpose) -> SystemUser {
        SystemUser.current.isRoot
            ? SystemUser.find(name: AccountName(key, purpose).rawValue) ?? .current : .current
    }

    /// A release folder that the environment's account can read.
    func release(_ id: String = "r1") async throws -> String {
        let folder = layout.release(id, of: key)
        try Folder.make(folder)
        try FileContent.write(Array(Self.server.utf8), to: "\(folder)/server.py")
        try await builds.prepare(folder, of: key)
        return folder
    }

    /// An instance of a command line in a release folder, on a free port.
    func instance(
        _ line: String = "python3 server.py",
        service: String = "web",
        slot: Slot = .blue,
        replica: Int = 1,
        release: String = "r1",
        edit: (inout InstanceSpecification) -> Void = { _ in },
    ) async throws -> InstanceSpecification {
        var instance = InstanceSpecification(
            id: InstanceID(key, slot, ServiceName(service), replica),
            release: ReleaseID(release),
            program: .command(line),
            directory: try await self.release(release),
            port: try freePort(),
            variables: [:],
            limits: LimitsManifest(stopTimeout: .seconds(3)),
        )
        edit(&instance)
        return instance
    }

    /// A port that nobody listens on; drawn at random, because tests run side by side.
    func freePort() throws -> Int {
        let start = Int.random(in: 20_000...29_900)
        return try #require(try LocalPorts.allocate(1, from: start...(start + 99)).first)
    }

    private func end() async {
        for undo in undoings.withLock({ $0 }).reversed() {
            do { try await undo() } catch { Issue.record(error) }
        }
    }

    /// Answers every GET with its variables, as JSON.
    private static let server = """
        import http.server, json, os
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps(dict(os.environ, UID=str(os.getuid()))).encode()
                self.send_response(200)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments):
                pass
        print('listening', flush=True)
        http.server.HTTPServer((os.environ['HOST'], int(os.environ['PORT'])), Handler).serve_forever()
        """

    /// Stands in for OpsHub's own file server, and says how it was called.
    private static let fileServer = "#!/bin/sh\necho \"$@\"\nexec sleep 600\n"
}

/// Waits for something that must become true, and says so when it did not.
func eventually(
    _ what: Comment,
    within limit: Duration = .seconds(60),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool,
) async throws {
    let isTrue = try await Patience.wait(limit, until: condition)
    #expect(isTrue, what, sourceLocation: sourceLocation)
}

/// Waits for a file to have a whole line, and returns its text without the last line break.
func content(of path: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
    var text = ""
    try await eventually("\(path) is written", sourceLocation: sourceLocation) {
        text = try FileContent.text(of: path) ?? ""
        return text.hasSuffix("\n")
    }
    return String(text.dropLast())
}

/// Whether a process lives.
func isAlive(_ process: Int32) -> Bool {
    ProcessTable.entry(process).map { !$0.isZombie } ?? false
}

extension ProcessServiceRuntime {
    /// The process of an instance that runs.
    func process(of id: InstanceID) async throws -> Int32 {
        guard case .running(let process) = try await status(of: id)?.state else {
            throw Failure(.notFound, "\(id) does not run")
        }
        return process
    }
}
