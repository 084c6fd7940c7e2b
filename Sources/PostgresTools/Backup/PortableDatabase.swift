// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import FoundationEssentials
import HostSystem

/// Any empty database that a backup is brought back into, by URL: on a machine that has PostgreSQL's programs, and nothing
/// of OpsHub's own.
public struct PortableDatabase: Sendable {
    private let url: Secret
    private let packages: String
    private let deadline: Duration

    /// A database by its URL.
    ///
    /// - Parameters:
    ///   - url: As `DATABASE_URL` has it.
    ///   - packages: Where PostgreSQL's major versions are looked for.
    ///   - deadline: How long the restore may take.
    public init(
        url: Secret,
        packages: String = PostgresPrograms.packaged,
        deadline: Duration = .seconds(86_400),
    ) {
        self.url = url
        self.packages = packages
        self.deadline = deadline
    }

    /// Restores what `feed` hands over, owned by whoever the URL names, and compares every table and sequence with what the
    /// backup says that it held.
    ///
    /// Owners and privileges are left out: their roles need not exist here. Those that policies name are made where they do not.
    ///
    /// - Returns: What was compared, and what was done besides, one sentence each.
    /// - Throws: `conflict` when the database is not empty, or its server is older than the backup's; `backup-failed` when
    ///   it does not restore, or to something else.
    public func restore(
        _ content: BackupContent,
        from feed: DumpFeed,
    ) async throws -> (found: DatabaseFingerprint, remarks: [String]) {
        let major = Int(content.server.major) ?? 0
        let programs = try await PostgresPrograms.locate(major, below: packages)
        try await telling("looking at the database to restore into") { try await refuseContents(major) }
        let program = try program(
            programs.path(of: "pg_restore"),
            [
                "--exit-on-error", "--no-owner", "--no-privileges", "--no-subscriptions", "--format=custom",
                "--dbname=",
            ],
        )
        let roles = RolesOnTheWay(url: url, roles: content.roles)
        let (result, tookAll) = try await StreamedProgram(program: program)
            .feed { sink in
                try await feed { bytes in
                    try await roles.take(bytes)
                    try await sink(bytes)
                }
            }
        guard result.isSuccess, tookAll else {
            throw Failure(
                .backupFailed,
                "pg_restore gave up: \(result.errors.lastLines(1).first ?? result.endingInWords)",
                hint:
                    "what was restored until then is still there; empty the database before another attempt",
                evidence: result.errors.lastLines(20),
            )
        }
        let found = try await telling("comparing what was restored") { try await compare(content) }
        return (found, NamedRoles.remarks(await roles.made))
    }

    private func refuseContents(_ major: Int) async throws {
        try await PostgresSession.with(PostgresEndpoint(url: url)) { session in
            let found = try await session.query(
                """
                SELECT current_database(), current_setting('server_version_num')::int / 10000, (SELECT count(*) FROM pg_class c
                    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
                    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
                """
            )
            let (name, version, count) = (found[0][0], found[0].integer(1) ?? 0, found[0].integer(2) ?? 0)
            guard count == 0 else {
                throw Failure(
                    .conflict,
                    "the database \(name) is not empty: it has \(count) tables, views or sequences",
                    hint: "make an empty one: createdb NAME",
                )
            }
            guard version >= Int64(major) else {
                throw Failure(
                    .conflict,
                    "the backup was made by PostgreSQL \(major), and \(name) is on version \(version)",
                    hint: "restore it on PostgreSQL \(major) or later",
                )
            }
        }
    }

    /// With `pg_dump` of the version that the server has, which may be newer than the backup's.
    private func compare(_ content: BackupContent) async throws -> DatabaseFingerprint {
        let major = try await PostgresSession.with(PostgresEndpoint(url: url)) { session in
            try await session.query("SELECT current_setting('server_version_num')::int / 10000").first?
                .integer(0)
        }
        let programs = try await PostgresPrograms.locate(Int(major ?? 0), below: packages)
        let program = try program(
            programs.path(of: "pg_dump"),
            ["--format=custom", "--compress=0"],
            settings: DatabaseDump.settings,
        )
        let found = DatabaseFingerprint(
            try await ArchiveDigest.contents(of: program, doing: "reading what was restored")
        )
        // Owners and privileges are other ones here, and a newer server writes definitions its own way.
        var copy = content.fingerprint
        (copy.reading, copy.tables, copy.sequences) = (found.reading, found.tables, found.sequences)
        let differences = content.fingerprint.differences(in: copy)
        guard let first = differences.first else { return copy }
        throw Failure(
            .backupFailed,
            "the backup restored to something else: \(first)"
                + (differences.count > 1 ? ", and \(differences.count - 1) more" : ""),
            evidence: Array(differences.prefix(50)),
        )
    }

    private func program(
        _ path: String,
        _ arguments: [String],
        settings: [String: String] = [:],
    ) throws -> Program {
        var variables = Self.ownVariables.merging(try PostgresEndpoint.variables(of: url)) { $1 }
        if !settings.isEmpty {
            let options = settings.sorted { $0.key < $1.key }.map { "-c \($0.key)=\($0.value)" }
            variables["PGOPTIONS"] = ([variables["PGOPTIONS"]].compactMap(\.self) + options)
                .joined(separator: " ")
        }
        return Program(
            path,
            arguments,
            environment: [
                "PATH": ExecutablePath.folders, "LC_ALL": "C.UTF-8", "PGAPPNAME": "opshub restore",
            ]
            .merging(variables) { $1 },
            inheritsEnvironment: false,
            deadline: deadline,
        )
    }

    /// What libpq reads besides the URL, so that `pg_restore` connects where the sessions before and after it do.
    ///
    /// In variables, so that the password is in no process list.
    private static var ownVariables: [String: String] {
        ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("PG") || $0.key == "HOME" }
    }
}

/// Makes the roles that a dump's policies name, before `pg_restore` comes to them.
private actor RolesOnTheWay {
    private let url: Secret
    private let roles: String
    private var reader: OutlineReader?
    /// Those that were not there.
    private(set) var made: [String] = []

    init(url: Secret, roles: String?) {
        self.url = url
        self.roles = roles ?? ""
        reader = roles == nil ? nil : OutlineReader()
    }

    /// Takes the dump's next bytes.
    func take(_ bytes: [UInt8]) async throws {
        guard let reader, await !reader.needsMore(after: bytes) else { return }
        self.reader = nil
        guard let outline = await reader.outline else { return }
        let named = NamedRoles(roles, in: outline, isOwned: false)
        guard !named.names.isEmpty else { return }
        made = try await PostgresSession.with(PostgresEndpoint(url: url)) { session in
            let missing = try await named.missing(in: session)
            do {
                for name in missing { try await session.query(NamedRoles.making(name)) }
            } catch let error as PostgresError where !error.isUnavailable {
                throw Failure(
                    .conflict,
                    "policies of the backup name roles that are not there, and they can't be made: \(error.message)",
                    hint:
                        "let somebody make them who may: \(missing.map(NamedRoles.making).joined(separator: "; "))",
                )
            }
            return missing
        }
    }
}
