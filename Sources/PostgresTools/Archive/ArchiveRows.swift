// SPDX-License-Identifier: Apache-2.0

/// Takes the rows of some tables out of an archive that goes by, in the order in which they come.
struct ArchiveRows: ArchiveVisitor {
    /// What comes of one of these tables.
    enum Piece: Hashable {
        /// The rows of a table begin, by the number of its data.
        case begin(Int)
        /// Rows, whole or not.
        case rows([UInt8])
        /// There are no more of it.
        case end
    }

    /// Of which tables, by the numbers of their data.
    let wanted: Set<Int>
    /// What has come since this was emptied last.
    private var pieces: [Piece] = []

    private var isWanted = false
    private var rows: [UInt8] = []

    /// Of tables by the numbers of their data.
    init(of wanted: Set<Int>) { self.wanted = wanted }

    /// What has come since this was asked last.
    mutating func take() -> [Piece] {
        flush()
        defer { pieces = [] }
        return pieces
    }

    mutating func visit(_ entry: ArchiveEntry) {}

    mutating func begin(_ data: ArchiveData, at place: Int64) {
        guard case .rows(let id) = data, wanted.contains(id) else { return isWanted = false }
        isWanted = true
        pieces.append(.begin(id))
    }

    mutating func take(_ buffer: [UInt8], _ range: Range<Int>) {
        if isWanted { rows.append(contentsOf: buffer[range]) }
    }

    mutating func end(at place: Int64) {
        guard isWanted else { return }
        flush()
        pieces.append(.end)
    }

    private mutating func flush() {
        guard !rows.isEmpty else { return }
        let count = rows.count
        pieces.append(.rows(rows))
        rows = []
        // As much will come again.
        rows.reserveCapacity(count)
    }
}
