// SPDX-License-Identifier: Apache-2.0

/// Paths of files below the repository's root: `a/b`, `.` for the root itself.
enum RepositoryPath {
    /// A relative path as it is written in a file of a folder; nil when it leads out of the repository.
    static func resolve(_ path: String, in folder: String) -> String? {
        var parts = folder == "." ? [] : folder.split(separator: "/").map(String.init)
        for part in path.split(separator: "/") where part != "." {
            if part == ".." {
                guard parts.popLast() != nil else { return nil }
            } else {
                parts.append(String(part))
            }
        }
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    /// The folder that a file is in.
    static func folder(of path: String) -> String {
        let parts = path.split(separator: "/").dropLast()
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }
}
