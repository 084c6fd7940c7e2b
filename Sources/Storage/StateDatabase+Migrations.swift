// SPDX-License-Identifier: Apache-2.0
import GRDB

extension StateDatabase {
    /// The schema's history: append only, never edit.
    ///
    /// Values are stored as JSON beside the columns that are searched, so that one row is one value as it was committed. A value
    /// that needs something which older ones lack gets it here, in a migration of its own.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 delivery") { database in
            try database.execute(
                sql: """
                    CREATE TABLE lease (id INTEGER PRIMARY KEY CHECK (id = 1), token INTEGER NOT NULL);
                    INSERT INTO lease VALUES (1, 0);
                    CREATE TABLE sequence (name TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
                    CREATE TABLE release (
                        id TEXT PRIMARY KEY, environment TEXT NOT NULL, number INTEGER NOT NULL, value BLOB NOT NULL
                    ) WITHOUT ROWID;
                    CREATE INDEX release_by_environment ON release (environment, number);
                    CREATE TABLE deployment (
                        id TEXT PRIMARY KEY, environment TEXT NOT NULL, number INTEGER NOT NULL,
                        is_over INTEGER NOT NULL, value BLOB NOT NULL
                    ) WITHOUT ROWID;
                    CREATE INDEX deployment_by_environment ON deployment (environment, number);
                    CREATE INDEX deployment_unfinished ON deployment (number) WHERE is_over = 0;
                    CREATE TABLE environment (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
                    CREATE TABLE journal (
                        deployment TEXT NOT NULL, sequence INTEGER NOT NULL, at REAL NOT NULL, value BLOB NOT NULL,
                        PRIMARY KEY (deployment, sequence)
                    ) WITHOUT ROWID;
                    CREATE TABLE backup (
                        id TEXT PRIMARY KEY, environment TEXT NOT NULL, number INTEGER NOT NULL, value BLOB NOT NULL
                    ) WITHOUT ROWID;
                    CREATE INDEX backup_by_environment ON backup (environment, number);
                    """
            )
        }
        migrator.registerMigration("2 a lease for each environment") { database in
            try database.execute(
                sql: """
                    DROP TABLE lease;
                    CREATE TABLE lease (
                        environment TEXT PRIMARY KEY, token INTEGER NOT NULL, holder TEXT NOT NULL, until REAL NOT NULL
                    ) WITHOUT ROWID;
                    """
            )
        }
        migrator.registerMigration("3 what is healed and kept") { database in
            // What was written without them gets what opshub.yml means when it does not say.
            try database.execute(
                sql: """
                    UPDATE release SET value = CAST(json_set(
                        CAST(value AS TEXT),
                        '$.manifest.environments',
                        (
                            SELECT json_group_array(json(environment)) FROM (
                                SELECT json_insert(
                                    each.value,
                                    '$.heal', json('["services","routes"]'),
                                    '$.releases', json('{"keepLast":10,"maxSize":10737418240}')
                                ) AS environment
                                FROM json_each(CAST(release.value AS TEXT), '$.manifest.environments') AS each
                                ORDER BY each.key
                            )
                        )
                    ) AS BLOB)
                    """
            )
        }
        migrator.registerMigration("4 what is measured, versions, roles") { database in
            // Variables of plans had no versions. As above for what opshub.yml means when it does not say.
            try database.execute(
                sql: """
                    CREATE TABLE person (name TEXT PRIMARY KEY, role TEXT NOT NULL) WITHOUT ROWID;
                    UPDATE deployment SET value = CAST(json_set(
                        CAST(value AS TEXT),
                        '$.plan.content.services',
                        (
                            SELECT json_group_array(json(service)) FROM (
                                SELECT json_set(each.value, '$.variables', (
                                    SELECT json_group_array(json_object('name', variable.value))
                                    FROM json_each(each.value, '$.variables') AS variable
                                )) AS service
                                FROM json_each(CAST(deployment.value AS TEXT), '$.plan.content.services') AS each
                                ORDER BY each.key
                            )
                        )
                    ) AS BLOB)
                    WHERE json_type(CAST(value AS TEXT), '$.plan') = 'object';
                    UPDATE release SET value = CAST(json_set(
                        CAST(value AS TEXT),
                        '$.manifest.environments',
                        (
                            SELECT json_group_array(json(environment)) FROM (
                                SELECT json_insert(
                                    each.value,
                                    '$.stability.maxFlaps', 2,
                                    '$.stability.inconclusive', 'undo'
                                ) AS environment
                                FROM json_each(CAST(release.value AS TEXT), '$.manifest.environments') AS each
                                ORDER BY each.key
                            )
                        )
                    ) AS BLOB)
                    """
            )
        }
        // Nothing of the schema: an older program does not know these deployments, and must not try.
        migrator.registerMigration("5 restores") { _ in }
        // Other kinds of accessories, and dumps without a hash of what they were before: nothing that an older program could read.
        migrator.registerMigration("6 folders and Redis") { _ in }
        // Copies of whole servers, and backups of moments.
        migrator.registerMigration("7 moments") { _ in }
        return migrator
    }
}
