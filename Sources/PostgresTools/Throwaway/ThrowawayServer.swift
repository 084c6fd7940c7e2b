// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// A server beside an accessory's own, of the same version, with nothing in it or with an earlier state of the other; made for one use and removed after it.
///
/// A server of its own, not another database of the real one: what is run there, what it does to roles or settings, and what it
/// costs, stays there.
struct ThrowawayServer {
    /// The accessory's own server.
    let original: ClusterAccess
    /// Who runs it.
    let owner: SystemUser
    /// Where it lies: below its accessory, so that it is found again after a crash.
    let folder: ClusterFolder
    /// What it is for.
    let use: ClusterUse
    /// Where its files come from.
    let files: Files
    /// PostgreSQL's programs.
    let programs: PostgresPrograms
    /// What keeps it running meanwhile.
    let supervisor: Supervisor
    /// How long it may take to start.
    let patience: Duration

    /// Away from the ports of instances, and from those that the kernel gives to clients.
    private static let ports = 30_000...32_767

    /// Where a server's files come from.
    enum Files {
        /// From an empty cluster among those of this folder.
        case empty(templates: String)
        /// Whoever makes them is told where they are to be, and as whom.
        case made(@Sendable (ClusterFolder, SystemUser) async throws -> Void)
    }

    /// What must be free before it is made, and be left free while it runs.
    struct Room {
        /// Before.
        let needed: ByteCount
        /// Meanwhile.
        let kept: ByteCount
        /// What it is for, in a failure: `a rehearsal`.
        let purpose: String
    }

    /// Removes what is there of one.
    ///
    /// Idempotent.
    static func remove(_ folder: ClusterFolder, _ supervisor: Supervisor) async throws {
        guard Folder.exists(folder.path) else { return }
        try await supervisor.stop(folder.service, timeout: .seconds(10))
        try Folder.remove(SocketFolder(folder.sockets).path)
        try Folder.remove(folder.path)
    }

    /// Makes one, lends it, and removes it whatever happens.
    ///
    /// Throws `disk-full` before it takes what the real server needs.
    func lend<Result: Sendable>(
        within room: Room,
        _ body: @Sendable @escaping (ClusterServer) async throws -> Result,
    ) async throws -> Result {
        let (folder, supervisor) = (folder, supervisor)
        try await Self.remove(folder, supervisor)
        try requireRoom(room.needed, room)
        do {
            let result = try await withThrowingTaskGroup(of: Result?.self) { group in
                group.addTask(name: "use of a throwaway server") { try await body(try await start()) }
                group.addTask(name: "watch over a throwaway server") {
                    var lowered: [Int32: Int] = [:]
                    while true {
                        try await ContinuousClock().sleep(for: .milliseconds(100))
                        try requireRoom(room.kept, room)
                        lowerPriority(&lowered)
                    }
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let result = first else {
                    throw CancellationError()
                }
                return result
            }
            try await Self.remove(folder, supervisor)
            return result
        } catch {
            // In a task of its own, since this one may be cancelled, and a server that is left over would run on.
            try await Task(name: "removal of a throwaway server") {
                try await Self.remove(folder, supervisor)
            }
            .value
            throw error
        }
    }

    private func requireRoom(_ needed: ByteCount, _ room: Room) throws(Failure) {
        let left = try DiskSpace.available(at: original.folder.path)
        guard left < needed else { return }
        throw Failure(
            .diskFull,
            "\(room.purpose) needs \(needed) where \(original.folder.path) is, and only \(left) are free",
            hint: "remove what is not needed there",
        )
    }

    /// Each of the server's processes is in a session of its own, which it makes after it was started: so each twice.
    private func lowerPriority(_ lowered: inout [Int32: Int]) {
        // A server that is not up yet, or has ended, has none.
        guard use.isBackground, let server = try? supervisor.status(of: folder.service)?.process else {
            return
        }
        let present = [server] + ProcessTable.children(of: server)
        lowered = lowered.filter { present.contains($0.key) }
        for process in present where lowered[process, default: 0] < 2 {
            BackgroundPriority.lower(process)
            lowered[process, default: 0] += 1
        }
    }

    /// Starts it; on a free port where it has one, which another program may take in between, and then on another one.
    private func start() async throws -> ClusterServer {
        let user = owner
        try Folder.make(folder.path)
        if case .rehearsal(let recording) = use {
            try Folder.make(recording, mode: 0o700)
            try Folder.setOwner(userID: user.userID, groupID: user.groupID, of: recording)
        }
        switch files {
        case .empty(let templates):
            try await EmptyCluster(folder: templates, programs: programs).copy(to: folder.data, for: user)
        case .made(let make): try await make(folder, user)
        }
        guard use.isReachedByPort else { return try await start(for: user, at: 5432) }
        var tries = 0
        while true {
            do {
                // Others that are started at this moment look somewhere else.
                let first = Int.random(in: Self.ports)
                let free = try LocalPorts.allocate(1, from: first...Self.ports.upperBound)
                return try await start(for: user, at: free[0])
            } catch let failure as Failure
                where [.portTaken, .serviceExited].contains(failure.code) && tries < 5
            {
                tries += 1
                try await supervisor.stop(folder.service, timeout: .seconds(5))
            }
        }
    }

    private func start(for user: SystemUser, at port: Int) async throws -> ClusterServer {
        let server = ClusterServer(
            folder: folder,
            programs: programs,
            port: port,
            owner: user,
            supervisor: supervisor,
            use: use,
        )
        try await server.start(patience)
        var lowered: [Int32: Int] = [:]
        lowerPriority(&lowered)
        return server
    }
}
