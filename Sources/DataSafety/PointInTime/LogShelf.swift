// SPDX-License-Identifier: Apache-2.0

/// One stream of a server's log, wherever its parts lie: in the archive, or with the receiver still.
public struct LogShelf: Sendable {
    let source: any LogSource
    let vault: any LogVault
    let cluster: DatabaseTarget
    let stream: String

    /// A stream.
    public init(source: any LogSource, vault: any LogVault, cluster: DatabaseTarget, stream: String) {
        (self.source, self.vault, self.cluster, self.stream) = (source, vault, cluster, stream)
    }

    /// Hands a segment over; false when there is none.
    public func read(_ name: String, into sink: DumpSink) async throws -> Bool {
        // Histories of timelines, which a server asks for as well, are none of a server that was never promoted.
        guard let segment = LogSegment(stream: stream, name: name) else { return false }
        // It may be moved from the one to the other between two looks.
        for _ in 1...2 {
            if try await vault.read(segment, of: cluster, into: sink) { return true }
            if try await source.read(segment, of: cluster, into: sink) { return true }
        }
        return false
    }
}
