// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety

/// Looks into the catalogue of an accessory's database.
public struct PostgresSchemaInspector: SchemaInspector {
    private let layout: HomeLayout

    /// An inspector of a home's databases.
    public init(layout: HomeLayout) {
        self.layout = layout
    }

    /// Finds invalid indexes, without those that somebody is building right now and those of partitioned
    /// tables, which are invalid until every partition has its own.
    public func invalidIndexes(of database: DatabaseTarget) async throws -> [String] {
        let cluster = try ClusterAccess(database.accessory, of: database.environment, in: layout)
        return try await telling("looking for invalid indexes in \(database)") {
            try await PostgresSession.with(cluster.record.endpoint(database.name, as: "check").unswayed) {
                session in
                try await session.query(Self.query).map { $0[0] }
            }
        }
    }

    private static let query = """
        SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname !~ '^pg_'
            AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid)
        ORDER BY 1
        """
}
