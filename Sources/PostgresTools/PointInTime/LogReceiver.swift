// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// Receives what a server writes to its log as it is written: `pg_receivewal`, supervised like the server itself.
///
/// A replication slot has the server keep what the receiver has not got. Nothing of the server is started anew for it.
struct LogReceiver {
    /// The slot's name, and what the receiver calls itself.
    static let name = "opshub_archive"

    /// The server.
    let server: ClusterServer

    /// What runsv watches.
    static func service(_ folder: ClusterFolder) -> String { "\(folder.receiver)/service" }

    /// Where segments are received; belongs to the server's account.
    static func received(_ folder: ClusterFolder) -> String { "\(folder.receiver)/wal" }

    /// What it says.
    static func log(_ folder: ClusterFolder) -> String { "\(folder.receiver)/log" }

    private var folder: ClusterFolder { server.folder }

    /// Makes it run.
    ///
    /// Idempotent.
    func ensure() async throws {
        try await telling("archiving the log of \(folder.path)") {
            try await PostgresSession.with(server.endpoint("postgres")) { session in
                let size = try await session.query("SHOW wal_segment_size").first?[0] ?? ""
                guard size == "16MB" else {
                    throw Failure(
                        .conflict,
                        "the server of \(folder.path) writes its log in segments of \(size), and 'archive: wal' reads those of 16MB alone",
                        hint: "remove 'archive' from opshub.yml",
                    )
                }
                let known = try await session.query(
                    "SELECT FROM pg_replication_slots WHERE slot_name = $1",
                    [Self.name],
                )
                try Folder.make(folder.receiver)
                if known.isEmpty {
                    // What lies there is of a log that this server does not go on with.
                    try await server.supervisor.stop(Self.service(folder))
                    try setAside()
                    try await session.query(
                        "SELECT pg_create_physical_replication_slot($1, true)",
                        [Self.name],
                    )
                }
            }
        }
        let received = Self.received(folder)
        if !Folder.exists(received) {
            try Folder.make(received, mode: 0o700)
            try Folder.setOwner(userID: server.owner.userID, groupID: server.owner.groupID, of: received)
        }
        try await server.supervisor.ensure(program)
    }

    /// Ends it, and has the server keep nothing for it any more.
    ///
    /// Idempotent. What was received and not archived yet goes with it.
    func remove() async throws {
        guard Folder.exists(folder.receiver) else { return }
        try await server.supervisor.stop(Self.service(folder))
        try await dropSlot()
        try Folder.remove(folder.receiver)
    }

    /// Begins anew where the server is now.
    func renew() async throws {
        try await server.supervisor.stop(Self.service(folder))
        try await dropSlot()
        try await ensure()
    }

    private func setAside() throws {
        let received = Self.received(folder)
        guard Folder.exists(received) else { return }
        try Folder.remove("\(received).old")
        try Folder.rename(received, to: "\(received).old")
    }

    private func dropSlot() async throws {
        try await telling("ending the archive of \(folder.path)") {
            try await PostgresSession.with(server.endpoint("postgres")) { session in
                // The server notices a moment later that the receiver has gone.
                let isGone = try await Patience.wait(.seconds(20)) {
                    let slots = try await session.query(
                        "SELECT active FROM pg_replication_slots WHERE slot_name = $1",
                        [Self.name],
                    )
                    guard let slot = slots.first else { return true }
                    guard !slot.isTrue(0) else { return false }
                    try await session.query("SELECT pg_drop_replication_slot($1)", [Self.name])
                    return true
                }
                guard isGone else {
                    throw Failure(
                        .deadlineExceeded,
                        "the replication slot \(Self.name) of \(folder.path) is still used",
                        isRetryable: true,
                    )
                }
            }
        }
    }

    private var program: SupervisedProgram {
        let record = server.record(database: "postgres")
        return SupervisedProgram(
            folder: Self.service(folder),
            command: [
                server.programs.path(of: "pg_receivewal"), "--no-password", "--slot=\(Self.name)",
                "--status-interval=1", "--host=\(record.socketFolder)", "--port=\(record.port)",
                "--username=\(ClusterRecord.superuser)", "--directory=\(Self.received(folder))",
            ],
            directory: Self.received(folder),
            variables: [
                "LC_ALL": Secret("C.UTF-8"), "PGAPPNAME": Secret(Self.name),
                "PGPASSFILE": Secret("/dev/null"),
            ],
            ambient: ["PATH": ExecutablePath.folders],
            user: server.owner,
            log: SupervisedProgram.Log(folder: Self.log(folder)),
            stop: SupervisedProgram.Stop(signal: .interrupt, timeout: .seconds(20)),
        )
    }
}
