// SPDX-License-Identifier: Apache-2.0
import Foundation
import HostSystem
import Testing

/// `Examples/tracehub` as it is: FastAPI, Alembic, its own tests, a static frontend, and the changes that the demo makes.
@Suite("The sample application", .tags(.slow, .postgres))
struct SampleTests {
    @Test(
        "is deployed with Alembic, changed, and keeps its schema when a migration is broken",
        .timeLimit(.minutes(10)),
    )
    func deployed() async throws {
        try await Stage.with { stage in
            try await stage.replaceApplication(with: "Examples/tracehub")
            let first = try await stage.pushSample("First release")
            for text in ["✓ build", "✓ test", "✓ migrate", "■ succeeded"] {
                #expect(first.errors.contains(text), "\(first.errors)")
            }
            let health = try await stage.ask("/health")
            #expect(health == #"{"status":"healthy","database":"connected"}"#)

            try await stage.git("apply", "changes/01-weights.patch")
            let second = try await stage.pushSample("Shipments have a weight")
            #expect(second.isSuccess, "\(second.errors)")
            #expect(try await stage.ask("/api/shipments").hasPrefix("["))

            try await stage.git("apply", "changes/04-broken-migration.patch")
            // What nobody knows yet is no pass.
            let early = try await stage.pushSample("A broken migration", to: "feature")
            #expect(early.isSuccess, "\(early.errors)")
            let unknown = try await stage.lint("--ref", "feature")
            #expect(unknown.ending == .exited(1), "\(unknown.errors)")
            #expect(
                unknown.output.contains("not all known") && unknown.output.contains("was not built here yet")
            )
            let broken = try await stage.pushSample("A broken migration")
            #expect(broken.errors.contains("✗ migrate"), "\(broken.errors)")
            #expect(broken.errors.contains("hint: "))
            #expect(try await stage.ask("/api/shipments").hasPrefix("["))
            #expect(try await stage.opshub("status").output.contains("serving  r2"))
            // Its build is there.
            let known = try await stage.lint()
            #expect(known.ending == .exited(1) && known.output.contains(": may fail"), "\(known.output)")
        }
    }

    @Test("has changes that fit it, one after another and alone")
    func changes() async throws {
        try await Stage.with { stage in
            try await stage.replaceApplication(with: "Examples/tracehub")
            try await stage.git("commit", "-qam", "all")
            for change in ["02-never-healthy", "03-fails-after-switch", "01-weights"] {
                try await stage.git("apply", "--check", "changes/\(change).patch")
            }
            let checked = try await stage.opshub("check")
            #expect(checked.isSuccess, "\(checked.output)")
        }
    }
}

extension Stage {
    /// Takes another application into the repository, its staging on ports of this stage.
    fileprivate func replaceApplication(with folder: String) async throws {
        for name in try Folder.names(in: repository) where name != ".git" {
            try Folder.remove("\(repository)/\(name)")
        }
        let copy = Program("cp", ["-r", "\(Self.package)/\(folder)/.", repository])
        _ = try await runner.run(copy).checked(doing: "copying \(folder)")
        var manifest = try #require(try FileContent.text(of: "\(repository)/opshub.yml"))
        let free = try LocalPorts.allocate(1, from: (ports.database + 1)...(ports.database + 40))
        for (port, own) in [(8100, ports.app), (3100, free[0]), (5532, ports.database)] {
            manifest = manifest.replacing("\(port)", with: "\(own)")
        }
        manifest = manifest.replacing("postgres: 15", with: "postgres: \(Manifest.postgres)")
        try DurableFile.write(manifest, to: "\(repository)/opshub.yml")
        try await git("add", "-A")
    }

    fileprivate func lint(_ words: String...) async throws -> ProgramResult {
        try await opshub(["migrate", "lint", "-p", "tracehub", "-e", "staging"] + words)
    }

    fileprivate func pushSample(
        _ subject: String,
        to branch: String = "develop",
    ) async throws -> ProgramResult {
        try await git("add", "-A")
        try await git("commit", "-q", "--allow-empty", "-m", subject)
        let url = "http://127.0.0.1:\(ports.api)/git/tracehub.git"
        let push = ["push", "-q", "-o", "wait", url, "HEAD:\(branch)"]
        return try await runner.run(Program("git", push, in: repository, deadline: .seconds(200)))
    }

    fileprivate func ask(_ path: String) async throws -> String {
        try await runner.run(Program("curl", ["-s", "--max-time", "5", "\(edge)\(path)"])).output
    }
}
