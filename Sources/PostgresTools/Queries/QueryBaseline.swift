// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import HostSystem

/// What a server had counted when a release began to be the only one that asks: what was counted later is its own.
struct QueryBaseline: Codable, Hashable {
    /// The format of this file.
    var format = 1
    /// The release.
    var release: String
    /// The last that may have run anything else.
    var since: String
    /// The moment by the server's clock, in seconds since 1970.
    var at: Double
    /// The database by the server's number: one that takes its place is counted anew.
    var database: Int64
    /// How often the server had forgotten entries.
    var evictions: Int64
    /// Calls until then.
    var calls: [String: Int64]

    /// Takes what was counted for the past.
    init(_ counts: QueryCounts, of release: String, since mark: String) {
        (self.release, since) = (release, mark)
        (at, database, evictions) = (counts.now, counts.database, counts.evictions)
        calls = Dictionary(counts.entries.map { ($0.key, $0.calls) }, uniquingKeysWith: max)
    }

    /// Reads it; nil when there is none, or none that can be read: then another one begins.
    init?(_ folder: ClusterFolder) throws(Failure) {
        guard let bytes = try FileContent.bytes(of: folder.queries),
            let known = try? JSONDecoder().decode(Self.self, from: Data(bytes)), known.format == 1
        else { return nil }
        self = known
    }

    /// Writes it durably.
    func write(to folder: ClusterFolder) throws {
        try DurableFile.write(Array(try JSONEncoder().encode(self)), to: folder.queries, mode: 0o600)
    }

    /// Whether what was counted since is what is asked for.
    func isOf(_ release: String, since mark: String, in counts: QueryCounts) -> Bool {
        self.release == release && since == mark && database == counts.database
    }

    /// What was asked since.
    func record(_ counts: QueryCounts) -> QueryRecord {
        // A server that was reset, or has crashed, counts from nothing again.
        let isNew = counts.reset > at
        var isWhole = !counts.isCut && (isNew ? counts.evictions == 0 : counts.evictions == evictions)
        var queries: [RecordedQuery] = []
        for entry in counts.entries {
            let before = isNew ? 0 : calls[entry.key] ?? 0
            guard entry.calls != before else { continue }
            guard let text = entry.text, entry.calls > before else {
                // Reset by itself, or its text is lost.
                isWhole = false
                continue
            }
            queries.append(RecordedQuery(text, calls: entry.calls - before))
        }
        return QueryRecord(
            release: release,
            observed: .seconds(max(0, counts.now - max(at, counts.reset))),
            isWhole: isWhole,
            queries: queries,
        )
    }
}
