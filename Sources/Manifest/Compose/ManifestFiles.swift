// SPDX-License-Identifier: Apache-2.0

/// Files of the repository that a manifest names, as far as they have been fetched.
///
/// Reading is a pure function of texts: what it wants and has not got is said, fetched, and it is read again.
public struct ManifestFiles: Sendable {
    /// By path below the root; nil for one that the repository does not have.
    private var contents: [String: [UInt8]?]

    /// Files that are known; nil for those that the repository does not have.
    public init(_ contents: [String: [UInt8]?] = [:]) {
        self.contents = contents
    }

    /// Whether it is known what is there.
    func knows(_ path: String) -> Bool { contents.keys.contains(path) }

    /// A file's bytes; nil when the repository does not have it.
    subscript(path: String) -> [UInt8]? { contents[path] ?? nil }

    /// Adds what was fetched.
    public mutating func add(_ path: String, _ bytes: [UInt8]?) { contents[path] = .some(bytes) }
}

/// Gives files out while something is read, and notes which were wanted in vain.
final class ManifestFileDesk {
    private let files: ManifestFiles
    /// Paths that nobody has looked for yet.
    private(set) var wanted: Set<String> = []

    init(_ files: ManifestFiles) {
        self.files = files
    }

    /// What is at a path.
    enum Finding {
        /// The text.
        case text(String)
        /// Something that is no text.
        case binary
        /// Nothing.
        case absent
        /// Nobody has looked; it is wanted now.
        case unknown
    }

    /// Looks for a file.
    func find(_ path: String) -> Finding {
        guard files.knows(path) else {
            wanted.insert(path)
            return .unknown
        }
        guard let bytes = files[path] else { return .absent }
        return String(validating: bytes, as: UTF8.self).map { .text($0) } ?? .binary
    }
}
