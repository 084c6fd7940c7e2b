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
    static let unfinished = ".partial"

    /// Copies it to `path`, for `owner`.
    func copy(to path: String, for owner: SystemUser) async throws {
        let name = "\(folder)/postgres-\(try await programs.version(of: "postgres"))"
        if !Folder.exists(name) { try await make(name, owner) }
        try await run("cp", ["-R", "--reflink=auto", "--no-target-directory", name, path])
        try Folder.setMode(0o700, of: path)
        if SystemUser.current.isRoot {
            try await run("chown", ["-R", "--no-dereference", "\(owner.userID):\(owner.groupID)", path])
        }
    }

    private func make(_ name: String, _ owner: SystemUser) async throws {
        // An account must be able to get to what it makes; nothing else is there for it.
        try Folder.make(folder, mode: 0o711)
        let unfinished = "\(name).\(UInt64.random(in: .min ... .max))\(Self.unfinished)"
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
        _ = try await ProgramRunner().run(Program(program, arguments, deadline: .seconds(300)))
            .checked(doing: "copying an empty cluster")
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
