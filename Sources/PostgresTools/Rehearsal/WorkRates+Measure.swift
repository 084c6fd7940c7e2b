// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

extension WorkRates {
    /// What a table of 16 MiB takes on a server, so that somebody can say what a larger one will.
    ///
    /// It lies in memory, and a throwaway server waits for no disk: a real one is slower where it must.
    static func measured(_ session: PostgresSession) async throws -> WorkRates {
        try await session.query(
            "CREATE TABLE public.opshub_rates AS SELECT n AS id, repeat(md5(n::text), 3) AS text FROM generate_series(1, 120000) n"
        )
        let bytes = try await session.query("SELECT pg_relation_size('public.opshub_rates')").first?
            .integer(0)
        let size = Double(bytes ?? 0)
        func rate(_ statement: String) async throws -> Double {
            let clock = ContinuousClock()
            let took = try await clock.measure { _ = try await session.query(statement) }
            return size / max(took / .seconds(1), 0.001)
        }
        let rates = WorkRates(
            reading: try await rate("ALTER TABLE public.opshub_rates ADD CHECK (text IS NOT NULL)"),
            indexing: try await rate("CREATE INDEX ON public.opshub_rates (text)"),
            rewriting: try await rate("ALTER TABLE public.opshub_rates ALTER COLUMN id TYPE bigint"),
            changing: try await rate("UPDATE public.opshub_rates SET id = id + 1"),
        )
        try await session.query("DROP TABLE public.opshub_rates")
        return rates
    }
}
