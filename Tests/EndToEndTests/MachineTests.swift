// SPDX-License-Identifier: Apache-2.0
import Core
import Foundation
import HostSystem
import Testing

/// What the machine lacks: the control plane does not start, or the deployment does not, and says what to install or free.
@Suite("A machine that lacks something", .tags(.slow))
struct MachineTests {
    private static let isRoot = SystemUser.current.userID == 0

    @Test(
        "like a program that is new enough has it named with its version",
        .timeLimit(.minutes(10)),
        arguments: [
            (
                "haproxy", "HAProxy version 2.2.9-2+deb11u6 2023/12/22 - https://haproxy.org/",
                "HAProxy 2.2.9-2+deb11u6",
            ),
            ("git", "git version 2.34.1", "git 2.34.1"),
        ],
    )
    func oldProgram(name: String, says: String, known: String) async throws {
        try await withFolder { folder in
            try DurableFile.write(
                "#!/bin/sh\necho '\(says)'\n",
                to: "\(folder)/bin/\(name)",
                mode: 0o755,
            )
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            let result = try await serve(folder, environment: ["PATH": "\(folder)/bin:\(path)"])
            #expect(result.ending == .exited(7), "\(result.errors)")
            #expect(result.errors.contains("\(known) is too old"))
            #expect(result.errors.contains("hint: "))
        }
    }

    @Test("like any HAProxy is told which package has it", .timeLimit(.minutes(10)), .enabled(if: isRoot))
    func noProxy() async throws {
        try await withFolder { folder in
            // In a view of the file system of its own, in which HAProxy is no program.
            let installed = try ExecutablePath.find("haproxy")
            let hidden = "mount --bind /dev/null \(installed) && exec \"$@\""
            let result = try await serve(folder, through: ["unshare", "-m", "sh", "-c", hidden, "sh"])
            #expect(result.ending == .exited(7), "\(result.errors)")
            #expect(result.errors.contains("HAProxy is not installed"))
            #expect(result.errors.contains("hint: apt-get install haproxy"))
        }
    }

    @Test(
        "like room on its disk is told how much is free and needed",
        .timeLimit(.minutes(10)),
        .enabled(if: isRoot),
    )
    func noRoom() async throws {
        try await withFolder { folder in
            let small =
                "mkdir -p \(folder)/home && mount -t tmpfs -o size=32m none \(folder)/home && exec \"$@\""
            let result = try await serve(folder, through: ["unshare", "-m", "sh", "-c", small, "sh"])
            #expect(result.ending == .exited(7), "\(result.errors)")
            #expect(result.errors.contains("\(folder)/home"))
            #expect(result.errors.contains("hint: "))
        }
    }

    @Test(
        "like room for a build fails the build, and whoever serves does not notice",
        .timeLimit(.minutes(10)),
        .enabled(if: isRoot),
    )
    func diskFills() async throws {
        let fill = "\"[ ! -e fill ] || dd if=/dev/zero of=big bs=1M\""
        try await Stage.with(.init(build: fill, window: "1s", disk: "1000m")) { stage in
            let first = try await stage.push(behaviour: #"{ "version": "1" }"#)
            try #require(first.isSuccess, "\(first.errors)")
            let count = try await Load.during("\(stage.edge)/", connections: 4) {
                let result = try await stage.push(["fill": "", "behaviour.json": #"{ "version": "2" }"#])
                #expect(!result.isSuccess)
                #expect(result.errors.contains("No space left on device"), "\(result.errors)")
                #expect(result.errors.contains("failed at the build"), "\(result.errors)")
                #expect(try await stage.opshub("status").output.contains("serving  r1"))
            }
            #expect(count.lost == 0, "\(count)")
            try await stage.git("rm", "-q", "fill")
            let next = try await stage.push(behaviour: #"{ "version": "3" }"#)
            #expect(next.isSuccess, "\(next.errors)")
            #expect(try await stage.version().contains("3"))
        }
    }

    @Test(
        "like the PostgreSQL that a project wants fails the push with its package",
        .timeLimit(.minutes(10)),
    )
    func noPostgres() async throws {
        let missing = try #require(
            (14...18).first { !FileManager.default.fileExists(atPath: "/usr/lib/postgresql/\($0)") }
        )
        try await Stage.with(.init(hasDatabase: true)) { stage in
            let manifest = try #require(try FileContent.text(of: "\(stage.repository)/opshub.yml"))
            let other = manifest.replacing(
                "postgres: \(Stage.Manifest.postgres)",
                with: "postgres: \(missing)",
            )
            let result = try await stage.push(["opshub.yml": other])
            #expect(!result.isSuccess)
            #expect(result.errors.contains("preflight"))
            #expect(result.errors.contains("PostgreSQL \(missing) is not installed"), "\(result.errors)")
            #expect(result.errors.contains("apt-get install postgresql-\(missing)"))
        }
    }

    @Test("like sole use of its state leaves it as it is", .timeLimit(.minutes(10)))
    func lockedState() async throws {
        try await withFolder { folder in
            let database = "\(folder)/home/opshub.db"
            try Folder.make("\(folder)/home")
            let holder = Serving()
            let script = """
                import sqlite3, time
                state = sqlite3.connect('\(database)', isolation_level=None)
                state.execute('CREATE TABLE other (id)')
                state.execute('BEGIN EXCLUSIVE')
                open('\(folder)/held', 'w')
                time.sleep(60)
                """
            try holder.start("/usr/bin/python3", ["-c", script], log: "\(folder)/holder.log")
            defer { holder.kill() }
            while !FileManager.default.fileExists(atPath: "\(folder)/held") {
                try await Task.sleep(for: .milliseconds(20))
            }
            let before = try FileContent.bytes(of: database)
            let result = try await serve(folder)
            #expect(result.ending == .exited(7), "\(result.errors)")
            #expect(result.errors.contains("\(database) is locked by another process"), "\(result.errors)")
            #expect(result.errors.contains("hint: see who holds it"))
            #expect(try FileContent.bytes(of: database) == before)
        }
    }

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = "/var/tmp/opshub-test-machine-\(UInt32.random(in: .min ... .max))"
        try Folder.make("\(folder)/bin")
        defer { try? Folder.remove(folder) }  // What is left is only disk, in a folder for temporary files.
        try await body(folder)
    }

    /// Runs `opshub serve` on a home in a folder until it ends.
    private func serve(
        _ folder: String,
        through wrapper: [String] = [],
        environment: [String: String] = [:],
    ) async throws -> ProgramResult {
        let port = try LocalPorts.allocate(2, from: 10_000...29_999)
        let command =
            wrapper + [
                Stage.binary, "serve", "--home", "\(folder)/home", "--port", "\(port[0])", "--public",
                "127.0.0.1:\(port[1])",
            ]
        return try await ProgramRunner()
            .run(
                Program(
                    command[0],
                    Array(command.dropFirst()),
                    in: folder,
                    environment: environment,
                    deadline: .seconds(40),
                )
            )
    }
}
