// SPDX-License-Identifier: Apache-2.0
@testable import PostgresTools

extension RunningCluster {
    /// Fills a database with every kind of thing that a dump must bring back.
    func fillWithEverything(_ database: TestDatabase) async throws {
        try await PostgresSession.with(try administrator(database.name)) { session in
            for statement in Self.everything { try await session.query(statement) }
        }
    }

    private static let everything = [
        "CREATE EXTENSION pg_trgm",
        #"CREATE SCHEMA "Odd ""Schema""" AUTHORIZATION tracehub"#,
        "CREATE TYPE mood AS ENUM ('sad', 'so so', 'glad''s')",
        "CREATE DOMAIN small AS int CHECK (VALUE > 0 AND VALUE IN (1, 2, 3))",
        """
        CREATE TABLE ships (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, reference varchar(32) NOT NULL UNIQUE,
            status varchar(16) DEFAULT 'planned', weight numeric(10, 2), more jsonb,
            size int GENERATED ALWAYS AS (length(reference)) STORED, feeling mood, count small,
            at timestamptz DEFAULT now(), price money, span interval, ratio float8, bits bit varying(9), raw bytea,
            dropped text,
            CONSTRAINT ck_status CHECK (status IN ('planned', 'in_transit'))
        )
        """,
        "ALTER TABLE ships DROP COLUMN dropped",
        "CREATE INDEX ships_odd_expression ON ships (lower(reference)) WHERE status IN ('planned', 'x')",
        "CREATE INDEX ships_trigrams ON ships USING gin (reference gin_trgm_ops)",
        #"CREATE TABLE "t" (t int, "a ""q""" text)"#,
        "INSERT INTO t VALUES (1, E'tab\\tnewline\\nback\\\\slash'), (NULL, ''), (NULL, NULL)",
        #"CREATE TABLE "Odd ""Schema"""."Weird 'name; --" ("Column" text, "column" text)"#,
        #"INSERT INTO "Odd ""Schema"""."Weird 'name; --" VALUES ('ü', '🚢'), (NULL, '\N')"#,
        "CREATE TABLE columnless ()",
        "INSERT INTO columnless DEFAULT VALUES",
        "CREATE TABLE parent (k int, v text) PARTITION BY RANGE (k)",
        "CREATE TABLE part1 PARTITION OF parent FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE part2 (v text, k int)",
        "ALTER TABLE parent ATTACH PARTITION part2 FOR VALUES FROM (10) TO (20)",
        "INSERT INTO parent SELECT i, 'v' || i FROM generate_series(0, 19) i",
        "CREATE TABLE kid (extra text) INHERITS (ships)",
        "CREATE UNLOGGED TABLE fast AS SELECT 1 AS x",
        """
        INSERT INTO ships (reference, weight, more, feeling, count, price, span, ratio, bits, raw)
        SELECT 'r' || i, i * 1.5, '{"a": [1, null]}', 'glad''s', 1 + i % 3, i::money, i * '1 day 3 s'::interval,
            1.1 / i, B'101', decode('00ff', 'hex')
        FROM generate_series(1, 1000) i
        """,
        "INSERT INTO kid (id, reference, ratio) VALUES (1, 'k', 'NaN'), (1, 'k', '-Infinity')",
        "CREATE VIEW planned AS SELECT *, status IN ('planned', 'b') AS soon FROM ships WHERE reference ~ 'r'",
        "CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM ships",
        "DELETE FROM ships WHERE id = 7",
        "CREATE FUNCTION answer(a int, b text DEFAULT 'x;') RETURNS int LANGUAGE sql AS $$ SELECT a; $$",
        "CREATE FUNCTION next(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a + 1; END",
        "CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int)",
        "CREATE POLICY mine ON ships USING (status IN ('planned', 'q'))",
        "ALTER TABLE ships ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE ships FORCE ROW LEVEL SECURITY",
        """
        CREATE TRIGGER calm BEFORE UPDATE ON ships FOR EACH ROW WHEN (old.status IN ('a', 'b'))
        EXECUTE FUNCTION suppress_redundant_updates_trigger()
        """,
        "CREATE RULE keep AS ON DELETE TO ships WHERE old.status IN ('a', 'b') DO INSTEAD NOTHING",
        "CREATE STATISTICS hints ON status, reference FROM ships",
        #"CREATE SEQUENCE "Odd ""Schema""".down INCREMENT -3 MAXVALUE 100 START 50 CYCLE"#,
        #"SELECT nextval('"Odd ""Schema""".down')"#,
        "CREATE SEQUENCE unused START 17",
        "COMMENT ON TABLE ships IS E'of several\\n-- Name: lines; Type: TABLE; Schema: x; Owner: y'",
        "GRANT SELECT ON ships TO tracehub",
        "REVOKE SELECT ON ships FROM tracehub",
        "GRANT SELECT (reference), UPDATE (status) ON ships TO tracehub",
        "ALTER TABLE t OWNER TO tracehub",
        "SELECT lo_from_bytea(0, decode(repeat('0102', 5000), 'hex'))",
        "SELECT lo_from_bytea(0, '')",
    ]
}
