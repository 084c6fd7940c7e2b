// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Room on the disk that is given up when there is no other: a deployment that filled the disk must still be able to say
/// so, and to be undone.
struct DiskReserve: Sendable {
    private static let size = 16 << 20
    private static let chunk = 1 << 20
    /// The file that takes the room.
    let path: String

    /// Takes the room again, unless it is taken or the disk has little left.
    ///
    /// Without a reserve everything works that would work with it, until the disk is full.
    func keep() {
        guard !FileManager.default.fileExists(atPath: path), available > 8 * Self.size else { return }
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { return }
        do {
            for _ in 0..<(Self.size / Self.chunk) { try file.write(contentsOf: Data(count: Self.chunk)) }
            try file.close()
        } catch {
            // Half a reserve helps nobody.
            _ = release()
        }
    }

    /// Whether there was any room to give up.
    func release() -> Bool {
        // Throws when there is none.
        (try? FileManager.default.removeItem(atPath: path)) != nil
    }

    /// Gives the room up when there is hardly any other.
    func releaseIfNeeded() {
        if available < Self.chunk { _ = release() }
    }

    private var available: Int {
        let folder = (path as NSString).deletingLastPathComponent
        // Unknown counts as little.
        let facts = try? FileManager.default.attributesOfFileSystem(forPath: folder)
        return (facts?[.systemFreeSize] as? NSNumber)?.intValue ?? 0
    }
}
