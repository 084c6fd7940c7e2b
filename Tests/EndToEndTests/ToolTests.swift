// SPDX-License-Identifier: Apache-2.0
import Core
import Foundation
import HostSystem
import Testing

/// The built program without a control plane: its help, and what it makes of a repository.
@Suite("The program by itself", .tags(.slow))
struct ToolTests {
    /// A command as the program describes it to tools.
    private struct Command: Decodable {
        var commandName: String
        var subcommands: [Command]?

        /// This and all below it, as they are typed.
        func all(below path: [String] = []) -> [[String]] {
            [path] + (subcommands ?? []).flatMap { $0.all(below: path + [$0.commandName]) }
        }
    }

    @Test("shows the help of every command")
    func help() async throws {
        struct Dump: Decodable { var command: Command }
        let dump = try await run(["--experimental-dump-help"], in: "/").output
        let commands = try JSONDecoder().decode(Dump.self, from: Data(dump.utf8)).command.all()
            .filter { $0.last != "help" }
        #expect(commands.count > 50)
        for words in commands {
            let result = try await run(words + ["--help"], in: "/")
            #expect(result.isSuccess, "\(result.errors)")
            #expect(result.output.contains("USAGE: \((["opshub"] + words).joined(separator: " "))"))
            #expect(result.errors.isEmpty)
        }
    }

    private func members(_ json: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    @Test("writes a manifest that it then finds nothing wrong with")
    func initialise() async throws {
        try await withRepository { folder in
            try Folder.make("\(folder)/backend")
            try DurableFile.write("fastapi\nalembic\n", to: "\(folder)/backend/requirements.txt")
            try DurableFile.write("[alembic]\n", to: "\(folder)/backend/alembic.ini")
            let written = try await run(["init"], in: folder)
            #expect(written.isSuccess, "\(written.errors)")
            let checked = try await run(["check"], in: folder)
            #expect(checked.isSuccess, "\(checked.output)\(checked.errors)")
            let findings = try await run(["check", "--json"], in: folder).output
            #expect(try members(findings).keys.sorted() == ["mistakes", "remarks"], "\(findings)")
            let shown = try await run(["init", "--dry-run", "--json"], in: folder).output
            #expect(try members(shown)["services"] as? [String] == ["backend"], "\(shown)")
            let text = try FileContent.text(of: "\(folder)/opshub.yml")
            let again = try await run(["init"], in: folder)
            #expect(!again.isSuccess)
            #expect(again.errors.contains("opshub.yml"))
            #expect(try FileContent.text(of: "\(folder)/opshub.yml") == text)
        }
    }

    @Test("lists every mistake of a manifest at once, with line and column")
    func check() async throws {
        try await withRepository { folder in
            let manifest = "project: shop\nservices:\n  web:\n    rum: ./serve\nenvironmints: {}\n"
            try DurableFile.write(manifest, to: "\(folder)/opshub.yml")
            let result = try await run(["check"], in: folder)
            #expect(result.ending == .exited(2))
            let said = result.output + result.errors
            for place in [
                "opshub.yml:4:5", "opshub.yml:5:1", "did you mean 'run'", "did you mean 'environments'",
            ] {
                #expect(said.contains(place), "\(place) is not in\n\(said)")
            }
        }
    }

    @Test("prints a JSON Schema")
    func schema() async throws {
        let result = try await run(["check", "--schema"], in: "/")
        #expect(result.isSuccess, "\(result.errors)")
        let schema = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        #expect(schema?["$schema"] != nil)
        #expect((schema?["properties"] as? [String: Any])?["services"] != nil)
    }

    private func run(_ arguments: [String], in folder: String) async throws -> ProgramResult {
        try await ProgramRunner().run(Program(Stage.binary, arguments, in: folder))
    }

    private func withRepository(_ body: (String) async throws -> Void) async throws {
        let folder = "/var/tmp/opshub-test-tool-\(UInt32.random(in: .min ... .max))"
        try Folder.make(folder)
        defer { try? Folder.remove(folder) }  // What is left is only disk, in a folder for temporary files.
        _ = try await ProgramRunner().run(Program("git", ["init", "-q", "-b", "main"], in: folder))
            .checked(doing: "git init")
        try await body(folder)
    }
}
