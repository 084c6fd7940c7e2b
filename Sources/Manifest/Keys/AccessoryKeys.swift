// SPDX-License-Identifier: Apache-2.0
import Core

/// The keys of an accessory.
enum AccessoryKeys {
    /// Major versions of PostgreSQL that are maintained, or were until lately.
    static let supportedPostgres = 13...18

    /// The key `postgres:`.
    static let postgres = ManifestKey(
        "postgres",
        .postgresVersion,
        "PostgreSQL, by its major version.",
        whenMissing: "add 'postgres: 15'",
    )
    /// The key `database:`.
    static let database = ManifestKey(
        "database",
        .database,
        "The database, and the role that owns it. The project's name, with `_` for `-`.",
    )

    /// All of them.
    static let table = KeyTable(
        expected: "keys with values, such as { postgres: 15 }",
        keys: [postgres.description, database.description],
        later: Dictionary(
            uniqueKeysWithValues: ["redis", "valkey", "mysql", "mariadb", "mongodb"]
                .map {
                    (
                        $0,
                        "PostgreSQL is the one accessory so far; run others yourself and give their address with 'env'",
                    )
                }
        ),
        synonyms: [
            "postgresql": "postgres", "pg": "postgres", "version": "postgres", "db": "database",
            "name": "database",
        ],
    )

    /// An accessory, which is there for others to refer to whatever mistakes are reported in it.
    static let shape: ValueShape<AccessoryManifest> = {
        var shape = ValueShape<AccessoryManifest>
            .mapping(table) { fields in
                accessory(fields.node, fields.value(postgres), fields.value(database))
            }
        let read = shape.read
        shape.read = { read($0) ?? accessory($0, nil, nil) }
        return shape
    }()

    private static func accessory(
        _ node: ManifestNode,
        _ major: Int?,
        _ database: String?,
    ) -> AccessoryManifest {
        AccessoryManifest(
            name: AccessoryName(node.path.lastKey),
            kind: .postgres(major: major ?? 0),
            database: database ?? "",
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
