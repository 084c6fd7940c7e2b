// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import Testing

@Suite("How a restored copy differs from its source")
struct DatabaseFingerprintTests {
    private let source = Samples.fingerprint

    private func differences(_ change: (inout DatabaseFingerprint) -> Void) -> [String] {
        var copy = source
        change(&copy)
        return source.differences(in: copy)
    }

    @Test("Not at all when it is the same")
    func same() {
        #expect(differences { _ in }.isEmpty)
        #expect(DatabaseFingerprint().differences(in: DatabaseFingerprint()).isEmpty)
    }

    @Test("Rows that are missing or too many are counted")
    func rows() {
        #expect(
            differences { $0.tables["public.shipments"] = TableFingerprint(rows: 41, digest: "123") } == [
                "table public.shipments: 41 rows instead of 42"
            ]
        )
        #expect(
            differences { $0.tables["public.shipments"] = TableFingerprint(rows: 43, digest: "123") } == [
                "table public.shipments: 43 rows instead of 42"
            ]
        )
    }

    @Test("The same number of other rows is told")
    func content() {
        #expect(
            differences { $0.tables["public.shipments"] = TableFingerprint(rows: 42, digest: "124") } == [
                "table public.shipments: the same number of rows (42), but other content"
            ]
        )
    }

    @Test("A table that was only counted on either side is compared by its count")
    func countedOnly() {
        #expect(
            differences { $0.tables["public.shipments"] = TableFingerprint(rows: 42, digest: nil) }.isEmpty
        )
        var counted = source
        counted.tables["public.shipments"]?.digest = nil
        #expect(counted.differences(in: source).isEmpty)
        #expect(counted.countedOnly(in: source) == ["public.shipments"])
        #expect(source.countedOnly(in: source).isEmpty)
    }

    @Test("A copy without any table is told as that, and not table by table")
    func noTables() {
        #expect(differences { $0.tables = [:] } == ["nothing was restored; there were 1 tables"])
    }

    @Test("Tables that are missing or were not there are told apart")
    func tables() {
        #expect(
            differences { copy in
                copy.tables = ["public.other": TableFingerprint(rows: 0, digest: "0")]
            } == ["table public.other: was not in the database", "table public.shipments: missing"]
        )
    }

    @Test("A sequence may stand anywhere between before and after", arguments: [41, 42, 44])
    func sequenceBetween(value: Int64) {
        #expect(differences { $0.sequences["public.shipments_id_seq"] = SequenceFingerprint(value) }.isEmpty)
    }

    @Test("A sequence that stands elsewhere is told with where it should", arguments: [40, 45])
    func sequenceOutside(value: Int64) {
        #expect(
            differences { $0.sequences["public.shipments_id_seq"] = SequenceFingerprint(value) } == [
                "sequence public.shipments_id_seq: at \(value) instead of 41…44"
            ]
        )
    }

    @Test("A sequence that counts down or went around is taken as it comes")
    func sequenceDown() {
        #expect(SequenceFingerprint(before: 9, after: 3).admits(5))
        #expect(!SequenceFingerprint(before: 9, after: 3).admits(2))
        #expect(SequenceFingerprint(7).admits(7))
    }

    @Test("Definitions that are missing, new or different are told by kind and name")
    func definitions() {
        #expect(
            differences { copy in
                copy.definitions = ["TABLE public.shipments": "xx", "VIEW public.v": "cc"]
            } == [
                "INDEX public.ix: missing", "TABLE public.shipments: defined differently",
                "VIEW public.v: was not in the database",
            ]
        )
    }

    @Test("An extension in another version is no difference, a missing one is")
    func extensions() {
        #expect(differences { $0.extensions["pg_trgm"] = "1.7" }.isEmpty)
        #expect(differences { $0.extensions = [:] } == ["extension pg_trgm: missing"])
    }

    @Test("It survives being written down")
    func coding() throws {
        let bytes = try JSONEncoder().encode(source)
        #expect(try JSONDecoder().decode(DatabaseFingerprint.self, from: bytes) == source)
        #expect(source.rows == 42)
    }

    @Test("Databases are written and ordered from the project down to the name")
    func targets() {
        #expect(Samples.database.description == "tracehub/production/db/tracehub")
        let other = DatabaseTarget(Samples.environment, AccessoryName("a"), "z")
        #expect(other < Samples.database)
        #expect(Samples.dumped.server.major == "15")
    }
}
