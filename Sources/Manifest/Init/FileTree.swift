// SPDX-License-Identifier: Apache-2.0

/// The files of a repository: their paths, and a way to read one.
public struct FileTree: Sendable {
    /// Relative to the root, with `/` between folders, sorted; without what nobody writes by hand.
    public let paths: [String]
    private let known: Set<String>
    private let read: @Sendable (String) -> String?

    /// Describes a repository.
    ///
    /// - Parameters:
    ///   - paths: Every file, relative to the root. Dependencies, caches and Git's own files are left out here.
    ///   - read: The text of a file; nil when it can't be read as text.
    public init(paths: [String], read: @escaping @Sendable (String) -> String?) {
        self.paths =
            paths.filter { path in
                !path.split(separator: "/").contains { Self.ignored.contains(String($0)) }
            }
            .sorted()
        self.read = read
        known = Set(self.paths)
    }

    /// Whether there is a file.
    func has(_ path: String) -> Bool { known.contains(path) }

    /// The text of a file; nil when there is none.
    func text(_ path: String) -> String? { has(path) ? read(path) : nil }

    /// The first of some files that exists.
    func first(of paths: String...) -> String? { paths.first(where: has) }

    /// The same files as a folder sees them; `.` is the root.
    func below(_ folder: String) -> FileTree {
        guard folder != "." else { return self }
        let read = self.read
        let prefix = folder + "/"
        let inside = paths.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        return FileTree(paths: inside) { read(prefix + $0) }
    }

    /// Folders that hold dependencies, caches and results.
    private static let ignored: Set<String> = [
        ".git", ".venv", "venv", "env", "node_modules", "__pycache__", ".next", ".nuxt", ".svelte-kit",
        "target", "vendor",
        ".tox", ".pytest_cache", ".build", "coverage", "site-packages",
    ]
}

extension FileTree {
    /// The folder of a path; `.` for a file at the root.
    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// The last part of a path.
    static func name(of path: String) -> String {
        String(path.split(separator: "/").last ?? "")
    }
}
