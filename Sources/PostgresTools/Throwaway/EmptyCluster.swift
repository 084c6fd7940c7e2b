// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// A cluster as `initdb` leaves it, made once for each version of the programs; throwaway servers begin as copies of it.
struct EmptyCluster {
    /// Where those of every version are.
    let folder: String
    /// What makes it.
    let programs: PostgresPrograms

    /// What the name of one that is not finished ends with.
    private static let unfinished = ".partial"

    /// Copies it to `path`, for `owner`.
    func copy(to path: String, for owner: SystemUser) async throws {
        let name = try await name
        if !Folder.exists(name) { try await make(name, owner) }
        do {
            // Only one of several that want it gets it.
            try Folder.rename(Self.spare(of: name), to: path)
        } catch {
            try await copy(name, to: path)
        }
        if SystemUser.current.isRoot {
            try await run("chown", ["-R", "--no-dereference", "\(owner.userID):\(owner.groupID)", path])
        }
    }

    /// Makes a copy beforehand, which the next one who wants one takes: a thousand files take a second on a busy disk.
    ///
    /// Nothing where none was wanted yet; and when it can't be made, whoever wants one will hear why.
    func makeSpare() async {
        guard let name = try? await name, Folder.exists(name), !Folder.exists(Self.spare(of: name)) else {
            return
        }
        let unfinished = Self.unfinished(name)
        do {
            try await copy(name, to: unfinished)
            try Folder.rename(unfinished, to: Self.spare(of: name))
        } catch {
            // Or somebody else has just made it. What is left is removed with the next start.
            try? Folder.remove(unfinished)
        }
    }

    private var name: String {
        get async throws { "\(folder)/postgres-\(try await programs.version(of: "postgres"))" }
    }

    private static func spare(of name: String) -> String { "\(name).spare" }

    private static func unfinished(_ name: String) -> String {
        "\(name).\(UInt64.random(in: .min ... .max))\(unfinished)"
    }

    private func copy(_ name: String, to path: String) async throws {
        try await run("cp", ["-R", "--reflink=auto", "--no-target-directory", name, path])
        try Folder.setMode(0o700, of: path)
    }

    private func make(_ name: String, _ owner: SystemUser) async throws {
        // An account must be able to get to what it makes; nothing else is there for it.
        try Folder.make(folder, mode: 0o711)
        let unfinished = Self.unfinished(name)
        do {
            try await ClusterInitialization(programs: programs, owner: owner).make(unfinished)
            if SystemUser.current.isRoot {
                try await run("chown", ["-R", "--no-dereference", "0:0", unfinished])
            }
            // initdb has synced what is in it, and it is trusted for as long as the home is there.
            try Folder.rename(unfinished, to: name)
            try DurableFolder.sync(folder)
        } catch {
            try Folder.remove(unfinished)
            // Somebody else has just made it.
            guard Folder.exists(name) else { throw error }
        }
    }

    private func run(_ program: String, _ arguments: [String]) async throws {
        var program = Program(program, arguments, deadline: .seconds(300))
        program.isBackground = BackgroundPriority.isUnderWay
        _ = try await ProgramRunner().run(program).checked(doing: "copying an empty cluster")
    }
}

/// What `initdb` is told.
struct ClusterInitialization {
    /// Its version.
    let programs: PostgresPrograms
    /// Who runs it and owns what it makes.
    let owner: SystemUser

    /// Makes a cluster in a folder that is not there yet.
    func make(_ path: String) async throws {
        try Folder.make(path, mode: 0o700)
        try Folder.setOwner(userID: owner.userID, groupID: owner.groupID, of: path)
        let initialization = Program(
            programs.path(of: "initdb"),
            [
                "--pgdata", path, "--username", ClusterRecord.superuser, "--encoding", "UTF8",
                "--locale", "C.UTF-8", "--data-checksums", "--auth-local", "peer",
                "--auth-host", "scram-sha-256",
            ],
            in: path,
            environment: ["PATH": ExecutablePath.folders, "LC_ALL": "C.UTF-8"],
            inheritsEnvironment: false,
            as: owner,
            deadline: .seconds(300),
        )
        _ = try await ProgramRunner().run(initialization).checked(doing: "making the cluster \(path)")
    }
}
