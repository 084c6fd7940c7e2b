// SPDX-License-Identifier: Apache-2.0

/// What a cluster is for, and which settings follow from that.
enum ClusterUse: Hashable {
    /// An accessory's own.
    case kept
    /// Shows what migrations do: records every statement as CSV in the folder `recording`.
    case rehearsal(recording: String)
    /// Takes in one backup.
    case drill(DrillNeeds)
    /// Has an earlier state of a server's files, and replays its log.
    case recovery(RecoveryNeeds)

    /// Whether somebody comes in by its loopback port: the programs of an application, but not OpsHub.
    var isReachedByPort: Bool {
        switch self {
        case .kept, .rehearsal: true
        case .drill, .recovery: false
        }
    }

    /// How often it may end before it is given up: what can't be replayed can't be replayed again.
    var exitsAllowed: Int {
        if case .recovery = self { 1 } else { 3 }
    }

    /// Whether it shall keep nobody waiting: a drill reads and writes everything there is, a rehearsal little.
    var isBackground: Bool {
        switch self {
        case .kept, .rehearsal: false
        case .drill: true
        case .recovery(let needs): needs.isBackground
        }
    }

    /// Lines of `postgresql.conf` besides those of every cluster.
    var settings: [String] {
        switch self {
        case .kept: []
        case .rehearsal(let recording):
            Self.forgetful + [
                "max_wal_size = 64MB", "logging_collector = on", "log_destination = csvlog",
                "log_directory = \(SettingText.quoted(recording))", "log_filename = statements",
                "log_rotation_age = 0", "log_rotation_size = 0", "log_statement = all",
                "log_parameter_max_length = -1",
            ]
        case .drill(let needs): Self.forgetful + needs.settings
        case .recovery(let needs): Self.forgetful + needs.settings
        }
    }

    /// Nothing is waited for until it is on disk.
    private static let forgetful = [
        "fsync = off", "full_page_writes = off", "synchronous_commit = off", "min_wal_size = 32MB",
    ]
}

/// What a server must have so that a backup restores there.
struct DrillNeeds: Hashable {
    /// As `shared_preload_libraries` of the original has them: some extensions can't be made without.
    var libraries = ""
    /// The same of `session_preload_libraries`.
    var sessionLibraries = ""
    /// What is set there for extensions, by name.
    var extensionSettings: [String: String] = [:]
    /// So many large objects at most are restored in one transaction, which holds a lock on each.
    static let mostLocked: Int64 = 10_000

    /// How many objects are made in one transaction, each of which takes a lock.
    var objects = 0

    private static let connections = 20

    /// Lines of `postgresql.conf`.
    var settings: [String] {
        [
            // Tables that are filled in the transaction that made them, as in a restore in one piece, are not written twice.
            "wal_level = minimal", "max_wal_senders = 0", "max_wal_size = 256MB", "autovacuum = off",
            "maintenance_work_mem = 128MB", "max_connections = \(Self.connections)",
            "max_locks_per_transaction = \(max(64, 2 * objects / Self.connections + 64))",
        ]
            + (sessionLibraries.isEmpty
                ? [] : ["session_preload_libraries = \(SettingText.quoted(sessionLibraries))"])
            + (libraries.isEmpty
                ? []
                : [
                    "shared_preload_libraries = \(SettingText.quoted(libraries))",
                    // Whatever such a library would do by itself (scheduled jobs, say), it does not do here.
                    "max_worker_processes = 0",
                ])
            + extensionSettings.sorted { $0.key < $1.key }
            .map { "\($0.key) = \(SettingText.quoted($0.value))" }
    }
}

/// Values in `postgresql.conf`.
enum SettingText {
    /// A value in quotes.
    static func quoted(_ value: String) -> String {
        "'\(value.replacing("\\", with: "\\\\").replacing("'", with: "''").replacing("\n", with: "\\n"))'"
    }
}
