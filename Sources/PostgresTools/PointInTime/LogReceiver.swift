// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
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

    /// What was received, a folder for each stream.
    static func streams(_ folder: ClusterFolder) -> String { "\(folder.receiver)/streams" }

    /// What it says.
    static func log(_ folder: ClusterFolder) -> String { "\(folder.receiver)/log" }

    /// The present stream's name; nil when nothing is received.
    static func stream(_ folder: ClusterFolder) throws(Failure) -> String? {
        try FileContent.text(of: "\(folder.receiver)/stream")?.filter { !$0.isWhitespace }
    }

    private var folder: ClusterFolder { server.folder }

    /// Makes it run.
    ///
    /// Idempotent. Where the server keeps nothing for it, a new stream begins.
    func ensure() async throws {
        let isKept = try await telling("archiving the log of \(folder.path)") {
            try await PostgresSession.with(server.endpoint("postgres")) { session in
                let size = try await session.query("SHOW wal_segment_size").first?[0] ?? ""
                guard size == "16MB" else {
                    throw Failure(
                        .conflict,
                        "the server of \(folder.path) writes its log in segments of \(size), and 'archive: wal' reads those of 16MB alone",
                        hint: "remove 'archive' from opshub.yml",
                    )
                }
                return try await
                    !session.query(
                        "SELECT FROM pg_replication_slots WHERE slot_name = $1",
                        [Self.name],
                    )
                    .isEmpty
            }
        }
        guard isKept, let stream = try Self.stream(folder) else { return try await renew() }
        try await server.supervisor.ensure(program(stream))
    }

    /// Ends it, and has the server keep nothing for it any more.
    ///
    /// Idempotent. What was received stays, to be archived.
    func remove() async throws {
        guard Folder.exists(folder.receiver) else { return }
        try await server.supervisor.stop(Self.service(folder))
        try await dropSlot()
        try Folder.remove("\(folder.receiver)/stream")
        try Folder.remove(Self.service(folder))
    }

    /// Begins a new stream, from where the server is now.
    ///
    /// The name comes before the slot: a slot that is there belongs to the stream that is named, wherever this is interrupted.
    func renew() async throws {
        try Folder.make(folder.receiver)
        // A deployment and a round of the archive may find out at the same time that there is none.
        let lock = try await alone()
        defer { withExtendedLifetime(lock) {} }
        try await server.supervisor.stop(Self.service(folder))
        try await dropSlot()
        try clearEmpty()
        let stream =
            String(UInt64(Date().timeIntervalSince1970), radix: 16)
            + String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16)
        let received = "\(Self.streams(folder))/\(stream)"
        try Folder.make(Self.streams(folder))
        try Folder.make(received, mode: 0o700)
        try Folder.setOwner(userID: server.owner.userID, groupID: server.owner.groupID, of: received)
        try DurableFile.write(stream + "\n", to: "\(folder.receiver)/stream", mode: 0o644)
        try await telling("archiving the log of \(folder.path)") {
            try await PostgresSession.with(server.endpoint("postgres")) { session in
                _ = try await session.query(
                    "SELECT pg_create_physical_replication_slot($1, true)",
                    [Self.name],
                )
            }
        }
        try await server.supervisor.ensure(program(stream))
    }

    private func alone() async throws -> FileLock {
        var held: FileLock?
        let isMine = try await Patience.wait(.seconds(60)) {
            do {
                held = try FileLock("\(folder.receiver)/lock")
                return true
            } catch let failure as Failure where failure.code == .stateLocked {
                return false
            }
        }
        guard isMine, let held else {
            throw Failure(
                .conflict,
                "the archive of \(folder.path) is being begun already",
                isRetryable: true,
            )
        }
        return held
    }

    /// Streams that nothing came of, because the server had no slot to give.
    private func clearEmpty() throws {
        let streams = Self.streams(folder)
        for name in try Folder.names(in: streams) where try Folder.names(in: "\(streams)/\(name)").isEmpty {
            try Folder.removeEmpty("\(streams)/\(name)")
        }
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

    /// Watches the disk beside the receiver, also while OpsHub does not run: one that is full stops the server.
    ///
    /// What is not received then the server keeps, up to its own limit, and gives up. A file whose making a full disk has cut short is removed,
    /// since the receiver would not go on from it. Whoever kills the watcher ends the receiver.
    static let watch = """
        room() { [ "$(df -k --output=avail . | tail -n 1)" -ge \(kibibytesKept) ]; }
        for file in *.partial; do
            [ -e "$file" ] || continue
            case $(stat -c %s "$file") in 0|16777216) ;; *) rm -f -- "$file" ;; esac
        done
        if ! room; then echo "the disk is nearly full: nothing is received"; sleep 10; exit 1; fi
        setpriv --pdeathsig KILL "$@" &
        receiver=$!
        trap 'kill -INT $receiver; wait $receiver; exit 0' INT TERM
        while kill -0 $receiver 2>/dev/null; do
            sleep 5 & wait $!
            room || { echo "the disk is nearly full: receiving ends"; kill -INT $receiver; }
        done
        wait $receiver
        """

    /// As much as backups leave free, and half as much again.
    private static let kibibytesKept = 384 << 10

    private func program(_ stream: String) -> SupervisedProgram {
        let record = server.record(database: "postgres")
        let received = "\(Self.streams(folder))/\(stream)"
        return SupervisedProgram(
            folder: Self.service(folder),
            command: [
                "/bin/sh", "-c", Self.watch, "sh", server.programs.path(of: "pg_receivewal"), "--no-password",
                "--slot=\(Self.name)", "--status-interval=1", "--host=\(record.socketFolder)",
                "--port=\(record.port)", "--username=\(ClusterRecord.superuser)", "--directory=\(received)",
            ],
            directory: received,
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
