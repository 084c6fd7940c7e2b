// SPDX-License-Identifier: Apache-2.0
import Core

/// The keys of an accessory.
enum AccessoryKeys {
    /// Major versions of PostgreSQL that are maintained, or were until lately.
    static let supportedPostgres = 14...18

    /// The key `postgres:`.
    static let postgres = ManifestKey(
        "postgres",
        .postgresVersion,
        "PostgreSQL, by its major version.",
    )
    /// The key `redis:`.
    static let redis = ManifestKey(
        "redis",
        .integer("a major version of Redis,", in: 7...8),
        "Redis, by its major version. Services get the address as REDIS_URL.",
    )
    /// The key `folder:`.
    static let folder = ManifestKey(
        "folder",
        .variableName,
        "A folder for files that outlive releases, such as uploads; the variable that tells services its path.",
    )
    /// The key `database:`.
    static let database = ManifestKey(
        "database",
        .database,
        "PostgreSQL's database, and the role that owns it. The project's name, with `_` for `-`.",
    )
    /// The key `archive:`.
    static let archive = ManifestKey<AccessoryManifest.Archive>(
        "archive",
        .choice(),
        "What is kept besides backups: `wal`, PostgreSQL's write-ahead log, to go back to any moment. Nothing when not said.",
    )

    /// All of them.
    static let table = KeyTable(
        expected: "keys with values, such as { postgres: 15 }",
        keys: [
            postgres.description, database.description, archive.description, redis.description,
            folder.description,
        ],
        exactlyOne: [postgres.name, redis.name, folder.name],
        whenNone: "add 'postgres: 15', 'redis: 7', or 'folder: UPLOADS_PATH' for files",
        later: Dictionary(
            uniqueKeysWithValues: ["valkey", "mysql", "mariadb", "mongodb"]
                .map {
                    (
                        $0,
                        "PostgreSQL, Redis and folders are the accessories so far; run others yourself and give their address with 'env'",
                    )
                }
        ),
        synonyms: [
            "postgresql": "postgres", "pg": "postgres", "version": "postgres", "db": "database",
            "name": "database", "files": "folder", "volume": "folder", "path": "folder", "mount": "folder",
            "wal": "archive", "pitr": "archive",
        ],
    )

    /// An accessory, which is there for others to refer to whatever mistakes are reported in it.
    static let shape: ValueShape<AccessoryManifest> = {
        var shape = ValueShape<AccessoryManifest>
            .mapping(table) { fields in
                let isFolder = fields.says(folder.name)
                guard isFolder || fields.says(redis.name), !fields.says(postgres.name) else {
                    let kind = AccessoryManifest.Kind.postgres(major: fields.value(postgres) ?? 0)
                    return accessory(fields.node, kind, fields.value(database), fields.value(archive))
                }
                let kind: AccessoryManifest.Kind =
                    isFolder
                    ? .folder(variable: fields.value(folder) ?? "")
                    : .redis(major: fields.value(redis) ?? 0)
                let accessory = accessory(fields.node, kind, nil)
                for (key, what) in [
                    (database.name, "no database is named"), (archive.name, "there is no archive"),
                ]
                where fields.says(key) {
                    let (path, log) = (fields.node.path.key(key), fields.node.log)
                    log.report(
                        log.keyPlace(of: path),
                        "\(fields.node.path) is \(accessory.noun), for which \(what)",
                        hint: "remove '\(key)', or say 'postgres' instead",
                    )
                }
                return accessory
            }
        let read = shape.read
        shape.read = { read($0) ?? accessory($0, .postgres(major: 0), nil) }
        return shape
    }()

    private static func accessory(
        _ node: ManifestNode,
        _ kind: AccessoryManifest.Kind,
        _ database: String?,
        _ archive: AccessoryManifest.Archive? = nil,
    ) -> AccessoryManifest {
        AccessoryManifest(
            name: AccessoryName(node.path.lastKey),
            kind: kind,
            database: database ?? "",
            archive: archive,
        )
    }
}

extension ValueShape where Value == Int {
    /// A major version of PostgreSQL.
    static let postgresVersion: Self = {
        var shape = integer("a major version of PostgreSQL,", in: AccessoryKeys.supportedPostgres)
        let read = shape.read
        shape.read = { node in
            if case .scalar(let text, isQuoted: _) = node.content, let point = text.firstIndex(of: "."),
                let major = Int(plainDigitsOf: text[..<point])
            {
                node.refuse(hint: "write the major version alone: \(major)")
                return nil
            }
            return read(node)
        }
        return shape
    }()
}
