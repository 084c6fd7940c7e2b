// SPDX-License-Identifier: Apache-2.0
import HostSystem

/// The texts of a cluster's settings: pure, so that tests can read them.
struct ClusterConfiguration: Hashable {
    /// Where everything lies.
    let folder: ClusterFolder
    /// The socket's folder.
    let sockets: SocketFolder
    /// The loopback port.
    let port: Int
    /// Accounts of this machine that may be OpsHub's own role.
    let trusted: [String]

    /// PostgreSQL's major version.
    let major: Int

    /// What it is for.
    var use = ClusterUse.kept
    /// Whether its log is archived.
    var keepsLog = false
    /// Whether it counts queries: what the release that serves asks for is known by that.
    var countsQueries = false

    /// What the server is started with; a change here replaces the running one.
    func command(_ programs: PostgresPrograms) -> [String] {
        [
            programs.path(of: "postgres"), "-D", folder.data,
            "-c", "config_file=\(folder.configuration)/postgresql.conf",
            "-c", "port=\(port)",
            "-c", "listen_addresses=\(use.isReachedByPort ? "127.0.0.1" : "")",
            "-c", "unix_socket_directories=\(sockets.path)",
        ]
    }

    /// Every file, by name.
    var files: [(name: String, text: String)] {
        [("pg_hba.conf", access), ("pg_ident.conf", identities), ("postgresql.conf", settings)]
    }

    private var settings: String {
        """
        # Written by OpsHub. Settings of your own: ALTER SYSTEM SET …; they are kept beside the data and win.
        hba_file = \(SettingText.quoted("\(folder.configuration)/pg_hba.conf"))
        ident_file = \(SettingText.quoted("\(folder.configuration)/pg_ident.conf"))
        unix_socket_permissions = 0700
        password_encryption = scram-sha-256
        max_connections = 100
        # A dump holds a lock on every table, all in one transaction.
        max_locks_per_transaction = 256
        shared_buffers = 64MB
        dynamic_shared_memory_type = posix
        timezone = 'Etc/UTC'
        log_timezone = 'Etc/UTC'
        lc_messages = 'C.UTF-8'
        lc_monetary = 'C.UTF-8'
        lc_numeric = 'C.UTF-8'
        lc_time = 'C.UTF-8'
        default_text_search_config = 'pg_catalog.english'
        log_line_prefix = '[%p] %q%u@%d '
        \(connectionCheck)\(archive)\(counting)
        """ + use.settings.map { "\($0)\n" }.joined()
    }

    /// Without it the statement of a client that was killed goes on waiting for its lock, and holds up all
    /// others.
    private var connectionCheck: String {
        major >= 14 ? "client_connection_check_interval = 1s\n" : ""
    }

    /// Keeps the log for whoever receives it, and ends that before the disk is full: then a part of the archive is lost, and not the server.
    private var archive: String {
        keepsLog ? "max_slot_wal_keep_size = \(Self.mostLog)\n" : ""
    }

    private var counting: String {
        countsQueries ? "shared_preload_libraries = '\(QueryCounts.library)'\n" : ""
    }

    private static let mostLog = "4GB"

    private var access: String {
        """
        # Written by OpsHub. Its own role comes in through the socket alone, and only as these accounts:
        local all \(ClusterRecord.superuser) peer map=opshub
        local replication \(ClusterRecord.superuser) peer map=opshub
        local all all scram-sha-256
        host all \(ClusterRecord.superuser) all reject
        host all all 127.0.0.1/32 scram-sha-256

        """
    }

    private var identities: String {
        "# Written by OpsHub: map, account of this machine, role.\n"
            + trusted.map { "opshub \"\($0)\" \(ClusterRecord.superuser)\n" }.joined()
    }
}
