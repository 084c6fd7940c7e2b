// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials

/// Which rows of an archive are restored beside which others.
struct RestoreLanes: Hashable {
    /// Lines of the table of contents, by their numbers, in its order; each lane has some.
    let lanes: [[Int]]

    /// Divides what is large enough to be worth it among the processors.
    ///
    /// - Parameters:
    ///   - outline: The archive.
    ///   - tables: What was dumped, with the size of each table's rows; without sizes there is one lane.
    ///   - most: How many lanes at most.
    init(_ outline: ArchiveOutline, of tables: [String: TableFingerprint], most: Int = Self.most) {
        let data = outline.entries.filter(\.isData)
        let sizes: [Int64?] = data.map { entry in
            let name = entry.kind == "BLOBS" ? DatabaseFingerprint.largeObjects : entry.name
            // Whoever wrote a manifest may have written anything.
            return tables[name]?.size.map { min(max($0.bytes, 0), 1 << 50) }
        }
        guard sizes.compactMap(\.self).reduce(0, +) >= Self.worthwhile else {
            lanes = [data.map(\.id)]
            return
        }
        var (loads, chosen) = ([Int64](repeating: 0, count: most), [Int: Int]())
        // The largest first, each to whoever has least.
        for index in data.indices.sorted(by: { (sizes[$0] ?? 0, $1) > (sizes[$1] ?? 0, $0) }) {
            let lane = loads.indices.min { (loads[$0], $0) < (loads[$1], $1) } ?? 0
            loads[lane] += sizes[index] ?? 0
            chosen[data[index].id] = lane
        }
        lanes = loads.indices.map { lane in data.map(\.id).filter { chosen[$0] == lane } }
            .filter { !$0.isEmpty }
    }

    /// Each reads and decrypts the whole archive for itself.
    static let most = min(ProcessInfo.processInfo.activeProcessorCount, 4)
    /// Beside an application that serves, which keeps a processor.
    static let mostBesideOthers = max(1, min(ProcessInfo.processInfo.activeProcessorCount - 1, 4))
    /// In bytes: less is restored before a second lane has begun.
    static let worthwhile: Int64 = 32 << 20
}

extension ArchiveEntry {
    /// Whether it is about what objects hold: `pg_restore --section=data`.
    var isData: Bool { section == 3 }
}
