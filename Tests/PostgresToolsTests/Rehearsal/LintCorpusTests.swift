// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import HostSystem
import Testing

@testable import DataSafety
@testable import PostgresTools

/// Statements of which a linter's own tests say whether they are to be warned of, judged by what they do to large tables.
@Suite("Verdicts beside those of a linter of texts", .tags(.postgres), .postgresCluster)
struct LintCorpusTests {
    /// One case of squawk's tests (MIT or Apache-2.0).
    private struct Case: Decodable {
        let rule: String
        let test: String
        /// Of some rules there is none.
        let sql: String?
        /// `ok`, `violation`, or `fix` for one that the linter can rewrite.
        let expect: String
        let settings: Settings

        struct Settings: Decodable {
            let assume_in_transaction: Bool
        }
    }

    private static let path =
        #filePath.split(separator: "/").dropLast(5).reduce("") { "\($0)/\($1)" }
        + "/shared/corpus/sql/squawk/rule_cases.jsonl"

    /// Rules about what a statement does to others; the rest is about style, settings, and versions before 14.
    private static let rules: Set = [
        "AddingFieldWithDefault", "AddingForeignKeyConstraint", "AddingNotNullableField",
        "AddingRequiredField", "AddingSerialPrimaryKeyField", "BanDropColumn", "BanDropTable",
        "ChangingColumnType", "ConstraintMissingNotValid", "DisallowedUniqueConstraint", "RenamingColumn",
        "RequireConcurrentIndexCreation", "RequireConcurrentIndexDeletion",
        "RequireConcurrentPartitionDetach", "RequireConcurrentReindex",
    ]

    /// What execution says otherwise, and why that is right.
    private static let differences = [
        // The lock that dropping an index takes is over at once, and nobody waits for it longer than `lock_timeout`.
        "fix_add_concurrently_multiple_indexes": "safe",
        // Another of its rules speaks of this one.
        "adding_field_that_is_not_nullable_without_default":
            "public.core_recipe.foo must have a value, and the rows that are there have none; "
            + "ALTER TABLE \"core_recipe\" ADD COLUMN \"foo\" integer NOT NULL holds ACCESS EXCLUSIVE on public.core_recipe "
            + "while it reads all of public.core_recipe (4.0 GiB, about 50000000 rows)",
        // A new column: the check of its values fails wherever there are rows.
        "regression_gh_issue_628_pg16_with_validated_check_ok":
            "public.foo.bar must have a value, and the rows that are there have none",
        // Nobody waits, but the release that serves goes on inserting.
        "pg12_cross_migration_validate_then_set_not_null_ok":
            "public.foo.bar must have a value now, and what serves may not give one",
        "pg16_cross_migration_validate_then_set_not_null_ok":
            "public.foo.bar must have a value now, and what serves may not give one",
        "detach_partition_concurrently_ok":
            "what is in public.p belongs to public.t no more, and what serves may look for it there",
    ]

    @Test(
        "agree with it wherever a text can tell what is done",
        .enabled(if: FileManager.default.fileExists(atPath: path)),
    )
    func squawk() async throws {
        let text = try #require(try FileContent.text(of: Self.path))
        let cases = try text.split(separator: "\n")
            .map { try JSONDecoder().decode(Case.self, from: Data($0.utf8)) }
            .filter { Self.rules.contains($0.rule) && $0.sql?.contains("SYSTEM") == false }
        var found: [String: String] = [:]
        for known in cases {
            let verdict = try await Self.verdict(on: known)
            let isSafe = verdict.findings.isEmpty
            if isSafe != (known.expect == "ok") {
                found[known.test] = isSafe ? "safe" : verdict.findings.map(\.sentence).joined(separator: "; ")
            }
        }
        #expect(cases.count == 48)
        #expect(found == Self.differences)
    }

    private static func verdict(on known: Case) async throws -> MigrationVerdict {
        let database = try await RunningCluster.current.makeDatabase()
        try await database.run(tables + (more[known.test] ?? []))
        return try await PostgresSession.with(database.endpoint) { session in
            let original = try await SchemaState(session)
            var replay = try await StatementReplay(session, original: original, bookkeeping: [])
            let text = known.sql ?? ""
            let sql = known.settings.assume_in_transaction ? "BEGIN;\(text);COMMIT" : text
            var trace = MigrationTrace(
                migration: PendingMigration(id: MigrationRevision("1"), title: known.test)
            )
            do {
                for statement in try SQLScript.statements(sql) {
                    if let done = try await replay.run(RecordedStatement(statement.text)) {
                        trace.statements.append(done)
                    }
                }
            } catch let error as PostgresError {
                trace.failure = error.message
            }
            trace.changes = SchemaComparison(original: original, bookkeeping: [])
                .changes(from: original, to: try await SchemaState(session))
            let large = TableStatistics(size: .mebibytes(4096), rows: 50_000_000, hasRows: true)
            let names = original.relations.values.filter { !$0.isIndex }.map(\.name)
            let judge = MigrationJudge(tables: Dictionary(names.map { ($0, large) }) { $1 })
            return try #require(judge.verdicts(on: [trace]).first)
        }
    }

    /// What the statements are about.
    private static let tables = [
        "CREATE TABLE core_recipe (id int PRIMARY KEY)", "CREATE TABLE t (k int)",
        "CREATE FUNCTION myjsonb() RETURNS jsonb LANGUAGE sql VOLATILE AS $$ SELECT to_jsonb(random()) $$",
        #"CREATE TABLE "user" (id int PRIMARY KEY)"#, "CREATE TABLE users (id uuid PRIMARY KEY)",
        "CREATE TABLE email (id int)", "CREATE TABLE other_table (id int PRIMARY KEY)",
        "CREATE TABLE my_table (my_column text)", "CREATE TABLE alembic_version (version_num text)",
        "CREATE TABLE a (x int)", "CREATE TABLE items (id int NOT NULL)", "CREATE TABLE recipe (id int)",
        "CREATE TABLE bar_tbl (foo_col int)",
        "CREATE TABLE app_user (id int PRIMARY KEY)", "CREATE TABLE app_email (user_id int)",
        "CREATE TABLE distributors (dist_id int PRIMARY KEY, address int)",
        "CREATE TABLE addresses (address int UNIQUE)", "CREATE TABLE account (id int NOT NULL)",
        "CREATE UNIQUE INDEX account_pk_idx ON account (id)", "CREATE TABLE accounts (balance int)",
        "CREATE TABLE legacy_questiongrouppg (mongo_id text)", "CREATE TABLE foo_table (id int)",
    ]

    /// What some of them are about besides, by the name of the case.
    private static let more: [String: [String]] = {
        let bars = ["CREATE TABLE foo (bar bigint, baz bigint)"]
        let unchecked =
            bars + ["ALTER TABLE foo ADD CONSTRAINT foo_bar_not_null CHECK (bar IS NOT NULL) NOT VALID"]
        let index = ["CREATE INDEX foo ON t (k)"]
        let named = ["CREATE TABLE table_name (field_name text, column_name text)"]
        let unique = "ALTER TABLE table_name ADD CONSTRAINT field_name_constraint UNIQUE (field_name)"
        return [
            "regression_gh_issue_628_pg16_with_validated_check_ok": ["CREATE TABLE foo (id int)"],
            "regression_gh_issue_628_pg11_with_validated_check_err": ["CREATE TABLE foo (id int)"],
            "pg12_without_validated_check_err": bars, "pg12_with_different_column_validated_err": bars,
            "pg16_cross_migration_validate_then_set_not_null_ok": unchecked,
            "pg12_cross_migration_validate_then_set_not_null_ok": unchecked,
            "pg11_cross_migration_validate_then_set_not_null_err": unchecked,
            "ok": named + [unique], "adding_unique_constraint_err": named,
            "adding_index_non_concurrently_err": named,
            "set_not_null": ["ALTER TABLE core_recipe ADD COLUMN foo int"],
            "another_err": ["ALTER TABLE core_recipe ADD COLUMN foo varchar(300)"],
            "fix_add_concurrently_named_index": ["ALTER TABLE t ADD COLUMN c int"],
            "fix_add_concurrently_multiple_indexes": [
                "CREATE INDEX idx1 ON t (k)", "CREATE INDEX idx2 ON t (k)",
            ],
            "err": named,
            "detach_partition_concurrently_ok": [
                "DROP TABLE t", "CREATE TABLE t (k int) PARTITION BY LIST (k)",
                "CREATE TABLE p PARTITION OF t FOR VALUES IN (1)",
            ],
            "reindex_index_no_concurrently_err": index, "reindex_index_concurrently_ok": index,
            "fix_reindex_index": index, "reindex_options_concurrently_ok": ["CREATE TABLE foo (id int)"],
        ]
    }()
}
