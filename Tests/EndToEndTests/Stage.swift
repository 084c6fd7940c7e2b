// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Foundation
import HostSystem
import Testing

/// A home of its own with a running control plane, and a repository to push from: everything real.
final class Stage: Sendable {
    /// The stable ports of one stage, all free when it was made.
    struct Ports: Sendable {
        let api: Int
        let edge: Int
        let app: Int
        let database: Int
        let instances: String
    }

    let root: String
    let ports: Ports
    let runner = ProgramRunner()
    /// Watches the control plane, where the manifest wants it.
    let witness: Witness?
    private let serving = Serving()

    /// Whether its services run in containers.
    private let composes: Bool

    private init(root: String, ports: Ports, witness: Witness?, composes: Bool) {
        self.composes = composes
        self.root = root
        self.ports = ports
        self.witness = witness
    }

    var home: String { "\(root)/home" }
    var repository: String { "\(root)/app" }
    var edge: String { "http://127.0.0.1:\(ports.app)" }

    /// Stages run beside each other: each looks for its ports at another place, and another process's begin elsewhere.
    private static let blocks = PortBlocks()

    /// Runs `body` on a new stage, and takes everything down afterwards, whatever happened.
    static func with(_ manifest: Manifest = Manifest(), _ body: (Stage) async throws -> Void) async throws {
        let root = "/var/tmp/opshub-test-\(UInt32.random(in: .min ... .max))"
        try Folder.make(root)
        let first = 10_000 + 100 * blocks.next()
        let free = try LocalPorts.allocate(4, from: first...first + 49)
        let stage = Stage(
            root: root,
            ports: Ports(
                api: free[0],
                edge: free[1],
                app: free[2],
                database: free[3],
                instances: "\(first + 50)-\(first + 99)",
            ),
            witness: manifest.isWitnessed ? try await Witness(in: "\(root)/witness") : nil,
            composes: manifest.compose != nil,
        )
        do {
            try await stage.prepare(manifest)
            if let disk = manifest.disk { try await stage.mount(disk) }
            try await stage.serve()
            try await body(stage)
        } catch {
            await stage.takeDown(keep: true)
            throw error
        }
        await stage.takeDown(keep: false)
    }

    // MARK: Control plane

    /// Starts the control plane and waits until it answers.
    ///
    /// - Parameters:
    ///   - binary: The program.
    ///   - crash: Where it ends itself again; see `CrashPoint`.
    ///   - mayDieAtOnce: Whether it may do that before it answers.
    /// - Throws: When it ends before it answers, and may not.
    func serve(
        binary: String = Stage.binary,
        crash: String? = nil,
        mayDieAtOnce: Bool = false,
    ) async throws {
        var environment = ProcessInfo.processInfo.environment
        environment["OPSHUB_TEST_CRASH"] = crash
        environment.merge(witness?.environment ?? [:]) { $1 }
        try serving.start(
            binary,
            [
                "serve", "--home", home, "--port", "\(ports.api)", "--public", "127.0.0.1:\(ports.edge)",
                "--instance-ports", ports.instances,
            ] + (composes ? ["--engine", try await Self.engine()] : []),
            log: "\(root)/serve.log",
            environment: environment,
        )
        try await waitUntil("the control plane answers") {
            if mayDieAtOnce, !serving.isRunning { return true }
            let log = try serveLog()
            try #require(serving.isRunning, "the control plane ended: \(log)")
            return try await runner.run(Program("curl", ["-sf", "http://127.0.0.1:\(ports.api)/healthz"]))
                .isSuccess
        }
    }

    /// Whether the control plane runs.
    var isServing: Bool { serving.isRunning }

    /// Asks the control plane to end, as whoever upgrades it does, and waits until it has.
    func stopControlPlane() async throws {
        serving.terminate()
        try await waitUntil("the control plane has ended") { !serving.isRunning }
    }

    /// Ends the control plane without any chance to tidy up.
    func killControlPlane() { serving.kill() }

    func serveLog() throws -> String { try FileContent.text(of: "\(root)/serve.log") ?? "" }

    /// Runs the command line.
    func opshub(
        _ arguments: String...,
        directory: String? = nil,
        as person: String = "ada",
    ) async throws -> ProgramResult {
        try await opshub(arguments, directory: directory, as: person)
    }

    /// Runs the command line.
    func opshub(
        _ arguments: [String],
        directory: String? = nil,
        as person: String = "ada",
        input: String = "",
    ) async throws -> ProgramResult {
        try await runner.run(
            Program(
                Self.binary,
                arguments,
                in: directory ?? repository,
                environment: ["OPSHUB_HOME": home, "USER": person],
                deadline: .seconds(120),
            ),
            input: input,
        )
    }

    /// A JSON answer of the command line.
    func json<Value: Decodable>(_ type: Value.Type, _ arguments: String...) async throws -> Value {
        let result = try await runner.run(
            Program(
                Self.binary,
                arguments + ["--json"],
                in: repository,
                environment: ["OPSHUB_HOME": home, "USER": "ada"],
            )
        )
        try #require(result.isSuccess, "\(result.errors)")
        return try Wire.decoder().decode(type, from: Data(result.output.utf8))
    }

    // MARK: Repository

    /// Writes files, commits them and pushes the branch; waits for the verdict.
    func push(
        _ files: [String: String],
        branch: String = "main",
        wait: Bool = true,
        subject: String = "change",
    ) async throws -> ProgramResult {
        for (path, text) in files {
            let folder = "\(repository)/\(path)".split(separator: "/").dropLast().joined(separator: "/")
            try Folder.make("/" + folder)
            try DurableFile.write(text, to: "\(repository)/\(path)")
        }
        try await git("add", "-A")
        try await git("commit", "-q", "--allow-empty", "-m", subject)
        let url = "http://127.0.0.1:\(ports.api)/git/app.git"
        return try await runner.run(
            Program(
                "git",
                ["push", "-q"] + (wait ? ["-o", "wait"] : []) + [url, "HEAD:\(branch)"],
                in: repository,
                environment: ["GIT_TERMINAL_PROMPT": "0", "USER": "ada"],
                deadline: .seconds(120),
            )
        )
    }

    /// Pushes a release that behaves as told.
    func push(behaviour: String, wait: Bool = true) async throws -> ProgramResult {
        try await push(["behaviour.json": behaviour], wait: wait, subject: "behaviour")
    }

    func git(_ arguments: String...) async throws {
        _ = try await runner.run(Program("git", arguments, in: repository))
            .checked(doing: "git \(arguments[0])")
    }

    /// What the public address answers for the running version.
    func version() async throws -> String {
        try await runner.run(Program("curl", ["-s", "--max-time", "5", "\(edge)/version"])).output
    }

    /// The processes of the application that run for this stage.
    func instances() throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
            .filter { process in
                // A process that ended meanwhile is none of them.
                let folder = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/\(process)/cwd"
                )
                let command = try? FileContent.text(of: "/proc/\(process)/cmdline")
                return folder?.hasPrefix(root) == true && command?.contains("server.py") == true
            }
    }

    /// Waits for a condition; the limit is there to end a broken test, not to time a good one.
    func waitUntil(_ what: String, _ condition: () async throws -> Bool) async throws {
        let clock = ContinuousClock()
        let begin = clock.now
        while try await !condition() {
            try #require(clock.now - begin < .seconds(180), "gave up waiting until \(what)")
            try await clock.sleep(for: .milliseconds(50))
        }
    }

    // MARK: Set-up and take-down

    static var package: String {
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    }

    /// The program as `swift build` made it.
    static var binary: String {
        ProcessInfo.processInfo.environment["OPSHUB_BINARY"] ?? "\(package)/.build/debug/opshub"
    }

    private func prepare(_ manifest: Manifest) async throws {
        try #require(
            FileManager.default.isExecutableFile(atPath: Self.binary),
            "build the program first: swift build",
        )
        try Folder.make(repository)
        try await git("init", "-q", "-b", "main")
        try await git("config", "user.name", "Ada")
        try await git("config", "user.email", "ada@example.com")
        try await git("config", "credential.helper", "!\(Self.binary) git-credential --home \(home)")
        let server = try #require(
            try FileContent.bytes(of: "\(Self.package)/Tests/Fixtures/scriptable/server.py")
        )
        try DurableFile.write(server, to: "\(repository)/server.py")
        try DurableFile.write(#"{ "version": "1" }"#, to: "\(repository)/behaviour.json")
        try DurableFile.write(manifest.text(ports), to: "\(repository)/opshub.yml")
        if let compose = manifest.compose {
            try DurableFile.write(compose.compose, to: "\(repository)/docker-compose.yml")
            try DurableFile.write(Compose.dockerfile(version: "1"), to: "\(repository)/Dockerfile")
        }
    }

    private func mount(_ size: String) async throws {
        try Folder.make(home)
        _ =
            try await runner.run(
                Program("mount", ["-t", "tmpfs", "-o", "size=\(size),mode=755", "none", home])
            )
            .checked(doing: "mounting a disk of \(size)")
    }

    /// Everything that outlives the control plane by design is ended here, supervisor by supervisor.
    private func takeDown(keep: Bool) async {
        serving.kill()
        if keep { print("the stage was \(root)") }
        let found = try? await runner.run(
            Program(
                "find",
                [
                    root, "-type", "p", "-name", "control", "-path", "*/supervise/*", "-not", "-path",
                    "*/log/supervise/*",
                ],
            )
        )
        for pipe in (found?.output ?? "").split(separator: "\n") {
            let folder = pipe.split(separator: "/").dropLast(2).joined(separator: "/")
            // Best effort: the test's own verdict is what counts.
            try? await Supervisor().stop("/\(folder)", timeout: .seconds(2))
        }
        if composes {
            // The same: what is left is found by its labels and costs nothing but room.
            try? await clearEngine()
        }
        // Without a disk of its own there is nothing to take off.
        _ = try? await runner.run(Program("umount", ["-l", home]))
        try? Folder.remove(root)  // What is left is only disk, in a folder for temporary files.
    }
}
