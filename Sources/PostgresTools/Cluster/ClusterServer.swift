// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// One cluster and its server, step by step; every step can be repeated.
struct ClusterServer {
    /// Where everything lies.
    let folder: ClusterFolder
    /// What runs.
    let programs: PostgresPrograms
    /// The loopback port.
    let port: Int
    /// Who runs it and owns its data.
    let owner: SystemUser
    /// What keeps it running.
    let supervisor: Supervisor
    /// What it is for.
    var use = ClusterUse.kept
    /// Whether its log is archived.
    var keepsLog = false

    /// The record of how to reach it.
    func record(database: String) -> ClusterRecord {
        ClusterRecord(
            major: programs.major,
            port: port,
            database: database,
            socketFolder: configuration.sockets.path,
            account: owner.name,
        )
    }

    /// A database of this server for OpsHub itself.
    func endpoint(_ database: String) -> PostgresEndpoint {
        record(database: database).endpoint(database, as: "accessory")
    }

    // MARK: The cluster

    /// Makes the data folder unless there is one: `initdb` beside its place, then renamed into it.
    func makeCluster() async throws {
        guard !Folder.exists(folder.data) else { return try checkCluster() }
        try Folder.remove(folder.unfinishedData)
        try await ClusterInitialization(programs: programs, owner: owner)
            .make(folder.unfinishedData)
        // initdb has synced what is in it; the rename must not come back undone either.
        try Folder.rename(folder.unfinishedData, to: folder.data)
        try DurableFolder.sync(folder.path)
    }

    /// Refuses data that another major version made, and a folder that holds no cluster.
    private func checkCluster() throws {
        guard let text = try FileContent.text(of: "\(folder.data)/PG_VERSION") else {
            throw Failure(
                .damagedState,
                "\(folder.data) holds no PostgreSQL cluster: PG_VERSION is missing",
                hint: "look at it, and move it away when nothing in it is needed",
            )
        }
        let version = text.filter { !$0.isWhitespace }
        guard version == "\(programs.major)" else {
            throw Failure(
                .conflict,
                "\(folder.data) was made by PostgreSQL \(version), and opshub.yml asks for \(programs.major)",
                hint: "say 'postgres: \(version)', or move the data with pg_upgrade first",
            )
        }
    }

    // MARK: The server

    /// Makes it run with these settings, and returns once it answers.
    func start(_ patience: Duration) async throws {
        try refuseTakenPort()
        try configuration.sockets.make(for: owner)
        let hasChanged = try writeConfiguration()
        let change = try await supervisor.ensure(program)
        try await awaitAnswer(patience)
        guard hasChanged, change == .none else { return }
        try await PostgresSession.with(endpoint("postgres")) {
            _ = try await $0.query("SELECT pg_reload_conf()")
        }
    }

    private var configuration: ClusterConfiguration {
        ClusterConfiguration(
            folder: folder,
            sockets: SocketFolder(folder.sockets),
            port: port,
            trusted: Set([owner.name, SystemUser.current.name]).sorted(),
            major: programs.major,
            use: use,
            keepsLog: keepsLog,
            countsQueries: use == .kept && programs.hasLibrary(QueryCounts.library),
        )
    }

    private var program: SupervisedProgram {
        SupervisedProgram(
            folder: folder.service,
            command: configuration.command(programs),
            directory: folder.data,
            variables: ["LC_ALL": Secret("C.UTF-8")],
            ambient: ["PATH": ExecutablePath.folders],
            user: owner,
            log: SupervisedProgram.Log(folder: folder.log),
            // SIGINT is PostgreSQL's fast shutdown; with SIGTERM it would wait for every client to leave. With SIGQUIT it writes nothing
            // more, since nobody wants it.
            stop: SupervisedProgram.Stop(
                signal: use == .kept ? .interrupt : .quit,
                timeout: .seconds(60),
            ),
        )
    }

    /// Whether anything was written.
    ///
    /// Readable for the server, writable only for the control plane.
    private func writeConfiguration() throws -> Bool {
        try Folder.make(folder.configuration)
        var hasChanged = false
        for file in configuration.files {
            let path = "\(folder.configuration)/\(file.name)"
            guard try FileContent.text(of: path) != file.text else { continue }
            try DurableFile.write(file.text, to: path, mode: 0o644)
            hasChanged = true
        }
        return hasChanged
    }

    private func refuseTakenPort() throws {
        guard use.isReachedByPort, !LocalPorts.isFree(port) else { return }
        let holder = LocalPorts.holder(of: port)
        guard holder == nil || holder?.process != ownProcess else { return }
        throw Failure(
            .portTaken,
            "port \(port) is taken by \(holder.map(\.description) ?? "another account's program")",
            hint: "stop that program, or give the accessory another port under 'ports:' in opshub.yml",
        )
    }

    /// The server that holds the data now, whoever started it.
    private var ownProcess: Int32? {
        // A file that can't be read names no process, and then the port is somebody else's.
        let text = try? FileContent.text(of: "\(folder.data)/postmaster.pid")
        return (text ?? nil)?.split(separator: "\n").first.flatMap { Int32($0) }
    }

    private func awaitAnswer(_ patience: Duration) async throws {
        var last: (any Error)?
        let exitsBefore = try supervisor.status(of: folder.service)?.exits ?? 0
        let answers = try await Patience.wait(patience) {
            do {
                try await PostgresSession.with(endpoint("postgres")) { session in
                    try await session.query("SELECT 1", deadline: .seconds(10))
                }
                return true
            } catch let error as PostgresError where error.isUnavailable {
                last = error
            } catch let error as DeadlineExceeded {
                last = error
            }
            try refuseCrashing(exitsBefore)
            return false
        }
        guard !answers else { return }
        throw Failure(
            .unreachable,
            "the PostgreSQL server of \(folder.path) did not answer within \(patience.briefly)",
            hint: "see its log: \(folder.log)/current",
            evidence: logTail,
            cause: last.map { "\($0)" },
            isRetryable: true,
        )
    }

    /// A server that ends again and again will not answer, however long one waits.
    private func refuseCrashing(_ exitsBefore: Int) throws {
        guard let status = try supervisor.status(of: folder.service),
            status.exits >= exitsBefore + use.exitsAllowed
        else {
            return
        }
        throw Failure(
            .serviceExited,
            "the PostgreSQL server of \(folder.path) does not stay up: \(status.lastExit.map { "\($0)" } ?? "it ended")",
            hint: "see its log: \(folder.log)/current",
            evidence: logTail,
        )
    }

    private var logTail: [String] {
        // Evidence for a failure that is told anyway.
        let text = try? FileContent.text(of: "\(folder.log)/current")
        return (text ?? nil)?.lastLines(20) ?? []
    }
}
