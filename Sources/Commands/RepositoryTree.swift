// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Manifest

/// The files of the repository in a folder, without what Git or a package manager keeps there.
struct RepositoryTree {
    private static let skipped: Set<String> = [
        ".git", ".venv", "venv", "node_modules", "__pycache__", ".build", "target", ".next", ".tox", "vendor",
    ]
    /// More would be no source tree.
    private static let limit = 20_000
    let folder: String

    /// Whether Git knows this folder as the root of a repository.
    var isRepository: Bool { FileManager.default.fileExists(atPath: "\(folder)/.git") }

    /// The branch that is checked out; nil when Git can't say it simply.
    var branch: String? {
        let prefix = "ref: refs/heads/"
        // Nil when it is a worktree or a detached head: then the default is as good as any.
        guard let head = try? String(contentsOf: URL(filePath: "\(folder)/.git/HEAD"), encoding: .utf8),
            head.hasPrefix(prefix)
        else { return nil }
        return head.dropFirst(prefix.count).split(whereSeparator: \.isWhitespace).first.map(String.init)
    }

    /// The files, for detection.
    var files: FileTree {
        let folder = folder
        return FileTree(paths: paths(below: "")) { path in
            // A file that can't be read, or is no text, tells nothing.
            try? String(contentsOf: URL(filePath: "\(folder)/\(path)"), encoding: .utf8)
        }
    }

    private func paths(below prefix: String) -> [String] {
        var (found, queue) = ([String](), [prefix])
        while let next = queue.popLast(), found.count < Self.limit {
            // A folder that can't be read has nothing to tell.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(next)")) ?? []
            for name in names where !Self.skipped.contains(name) {
                let path = next.isEmpty ? name : "\(next)/\(name)"
                var isFolder = false
                guard FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
                else { continue }
                if isFolder { queue.append(path) } else { found.append(path) }
            }
        }
        return found.sorted()
    }
}
