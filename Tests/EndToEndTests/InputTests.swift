// SPDX-License-Identifier: Apache-2.0
import Core
import Foundation
import HostSystem
import Testing

/// What people get wrong, and what the machine lacks: a clear error, the right exit code, and nothing lost.
@Suite("Bad input", .tags(.slow))
struct InputTests {
    /// A call of the program, and what must come of it.
    private struct Case {
        let arguments: [String]
        var environment: [String: String] = [:]
        let exit: Int32
        let says: [String]
    }

    @Test("to the command line is answered with what is wrong and what to do", .timeLimit(.minutes(10)))
    func commands() async throws {
        try await Stage.with { stage in
            let home = ["OPSHUB_HOME": stage.home]
            let cases = [
                Case(
                    arguments: ["status"],
                    environment: home.merging(["OPSHUB_TOKEN": "wrong"]) { $1 },
                    exit: 5,
                    says: ["error: the token is not known here", "hint:"],
                ),
                Case(
                    arguments: ["status"],
                    environment: ["OPSHUB_HOME": "\(stage.root)/elsewhere"],
                    exit: 5,
                    says: ["there is no token", "opshub serve"],
                ),
                Case(
                    arguments: ["deploy", "-e", "nowhere", "--ref", "main", "-p", "app"],
                    environment: home,
                    exit: 3,
                    says: ["there is no project app", "push to it once"],
                ),
                Case(
                    arguments: ["plan", "-e", "nowhere", "-p", "app"],
                    environment: home,
                    exit: 3,
                    says: ["there is no project app"],
                ),
                Case(
                    arguments: ["events", "d99"],
                    environment: home,
                    exit: 3,
                    says: ["there is no deployment d99"],
                ),
                Case(
                    arguments: ["rollback", "-e", "production", "-p", "app"],
                    environment: home,
                    exit: 4,
                    says: ["nothing serves app/production"],
                ),
                Case(arguments: ["approve"], environment: home, exit: 3, says: ["no deployment waits"]),
                Case(
                    arguments: ["deploy"],
                    environment: home,
                    exit: 64,
                    says: ["Missing expected argument"],
                ),
                Case(
                    arguments: ["serve", "--home", stage.home, "--port", "1"],
                    exit: 7,
                    says: [stage.home, "process", "hint:"],
                ),
                Case(arguments: ["serve", "--home", "relative"], exit: 2, says: ["no absolute path"]),
                Case(arguments: ["serve", "--public", "nonsense"], exit: 2, says: ["no address:port"]),
            ]
            for one in cases { try await check(one, stage) }
        }
    }

    private func check(_ one: Case, _ stage: Stage) async throws {
        let result = try await stage.runner.run(
            Program(Stage.binary, one.arguments, in: stage.root, environment: one.environment)
        )
        #expect(result.ending == .exited(one.exit), "\(one.arguments): \(result.errors)")
        for text in one.says { #expect(result.errors.contains(text), "\(one.arguments): \(result.errors)") }
        #expect(!result.errors.contains("oph_"), "a token must never be shown")
    }

    @Test(
        "in a push is refused with its place, and says when there is nothing to deploy",
        .timeLimit(.minutes(10)),
    )
    func pushes() async throws {
        try await Stage.with { stage in
            let good = try #require(try FileContent.text(of: "\(stage.repository)/opshub.yml"))
            let broken = good.replacing("strategy: blue-green", with: "stratgy: blue-green")
            let refused = try await stage.push(["opshub.yml": broken])
            #expect(!refused.isSuccess)
            #expect(refused.errors.contains("stratgy") && refused.errors.contains("strategy"))
            #expect(refused.errors.contains("opshub.yml:"))

            let unmapped = try await stage.push(["opshub.yml": good], branch: "feature")
            #expect(unmapped.isSuccess)
            #expect(unmapped.errors.contains("nothing to deploy: no environment is mapped to feature"))

            try await stage.git("mv", "opshub.yml", "other.yml")
            let missing = try await stage.push(["note.txt": "1"])
            #expect(!missing.isSuccess)
            #expect(missing.errors.contains("has no opshub.yml") && missing.errors.contains("opshub init"))
            #expect(try await stage.opshub("status").output.contains("Nothing has been deployed yet"))
        }
    }

    @Test("in a push's token keeps the push out, and tells nothing of the project", .timeLimit(.minutes(10)))
    func pushToken() async throws {
        try await Stage.with { stage in
            try await stage.git("commit", "-q", "--allow-empty", "-m", "first")
            for userinfo in ["", "ada:wrong@"] {
                let url = "http://\(userinfo)127.0.0.1:\(stage.ports.api)/git/app.git"
                let result = try await stage.runner.run(
                    Program(
                        "git",
                        ["-c", "credential.helper=", "push", url, "HEAD:main"],
                        in: stage.repository,
                        environment: ["GIT_TERMINAL_PROMPT": "0"],
                    )
                )
                #expect(!result.isSuccess)
                #expect(
                    result.errors.contains(
                        userinfo.isEmpty ? "could not read Username" : "Authentication failed"
                    )
                )
            }
            #expect(try await stage.opshub("status").output.contains("Nothing has been deployed yet"))
        }
    }

    @Test(
        "like a folder that is no repository is told apart from a repository without a manifest",
        .timeLimit(.minutes(10)),
    )
    func noRepository() async throws {
        let folder = "/var/tmp/opshub-test-none-\(UInt32.random(in: .min ... .max))"
        try Folder.make(folder)
        defer { try? Folder.remove(folder) }  // What is left is only disk, in a folder for temporary files.
        let runner = ProgramRunner()
        let initialised = try await runner.run(Program(Stage.binary, ["init"], in: folder))
        #expect(initialised.ending == .exited(2))
        #expect(initialised.errors.contains("\(folder) is no Git repository"))
        #expect(initialised.errors.contains("hint: git init"))
        #expect(try Folder.names(in: folder) == [])
        let checked = try await runner.run(Program(Stage.binary, ["check"], in: folder))
        #expect(checked.ending == .exited(3))
        #expect(checked.errors.contains("there is no file opshub.yml"))
        #expect(checked.errors.contains("hint: opshub init"))
    }

    @Test("on disk is left as it is: a damaged state database is refused", .timeLimit(.minutes(10)))
    func damagedState() async throws {
        let root = "/var/tmp/opshub-test-damaged-\(UInt32.random(in: .min ... .max))"
        try Folder.make(root)
        let garbage = [UInt8](repeating: 0x5A, count: 8192)
        try DurableFile.write(garbage, to: "\(root)/opshub.db")
        let result = try await ProgramRunner()
            .run(Program(Stage.binary, ["serve", "--home", root, "--port", "1"]))
        #expect(result.ending == .exited(7), "\(result.errors)")
        #expect(result.errors.contains("is damaged; nothing was changed"))
        #expect(result.errors.contains("hint: services go on running"))
        #expect(try FileContent.bytes(of: "\(root)/opshub.db") == garbage)
        try Folder.remove(root)
    }

    @Test("like a port that somebody else holds is named with its holder", .timeLimit(.minutes(10)))
    func portTaken() async throws {
        try await Stage.with { stage in
            let listener = Serving()
            let script =
                "import http.server as h; h.HTTPServer(('127.0.0.1', \(stage.ports.app)), h.BaseHTTPRequestHandler).serve_forever()"
            try listener.start("/usr/bin/python3", ["-c", script], log: "\(stage.root)/listener.log")
            defer { listener.kill() }
            try await stage.waitUntil("somebody listens") { LocalPorts.holder(of: stage.ports.app) != nil }
            let result = try await stage.push(behaviour: #"{ "version": "1" }"#)
            #expect(!result.isSuccess)
            #expect(
                result.errors.contains("port \(stage.ports.app) of web in app/production is taken by python3")
            )
        }
    }

    @Test(
        "is no reason to lose a deployment: Ctrl-C leaves it running and says so",
        .timeLimit(.minutes(10)),
    )
    func interrupt() async throws {
        try await Stage.with { stage in
            _ = try await stage.push(behaviour: #"{ "version": "1" }"#)
            let follower = Serving()
            var environment = ProcessInfo.processInfo.environment
            environment["OPSHUB_HOME"] = stage.home
            try follower.start(
                Stage.binary,
                ["deploy", "-e", "production", "-p", "app", "--ref", "main"],
                log: "\(stage.root)/deploy.log",
                environment: environment,
            )
            try await stage.waitUntil("it is followed") {
                try FileContent.text(of: "\(stage.root)/deploy.log")?.contains("▸ health gate") == true
            }
            follower.interrupt()
            try await stage.waitUntil("it ended") { !follower.isRunning }
            let said = try FileContent.text(of: "\(stage.root)/deploy.log") ?? ""
            #expect(said.contains("d2 goes on") && said.contains("opshub cancel d2"))
            let followed = try await stage.opshub("events", "d2", "--follow")
            #expect(followed.isSuccess, "\(followed.errors)")
        }
    }
}
