// SPDX-License-Identifier: Apache-2.0

/// The form of a statement that does the same without keeping others out: from what is documented for PostgreSQL 12 and
/// later ("ALTER TABLE", Notes; "CREATE INDEX", Building Indexes Concurrently).
enum SaferForm {
    /// One sentence; nil when none is known.
    static func of(_ statement: StatementTrace) -> String? {
        let words = statement.keywords
        func has(_ phrase: String...) -> Bool {
            words.indices.contains { words[$0...].starts(with: phrase) }
        }
        switch words.first {
        case "CREATE" where words.prefix(3).contains("INDEX"):
            return "CREATE INDEX CONCURRENTLY, outside of a transaction"
        case "DROP" where words.prefix(2).contains("INDEX"):
            return "DROP INDEX CONCURRENTLY, outside of a transaction"
        case "REINDEX": return "REINDEX … CONCURRENTLY, outside of a transaction"
        case "REFRESH": return "REFRESH MATERIALIZED VIEW CONCURRENTLY, with a unique index on the view"
        case "VACUUM", "CLUSTER": return "pg_repack does it without keeping anybody out"
        case "ALTER": break
        default: return nil
        }
        if has("FOREIGN", "KEY") || has("REFERENCES") || has("CHECK") {
            return "ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in the next migration"
        }
        if has("UNIQUE") || has("PRIMARY", "KEY") {
            return "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX"
        }
        if has("SET", "NOT", "NULL") {
            return
                "ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID, VALIDATE it in the next migration, "
                + "and SET NOT NULL after that reads nothing"
        }
        if has("TYPE") {
            return "add a column of the new type, fill it in batches, and change over in a later release"
        }
        if has("ADD") {
            return "add the column without this default, set the default for new rows, and fill it in batches"
        }
        return nil
    }
}
