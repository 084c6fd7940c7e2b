// SPDX-License-Identifier: Apache-2.0

/// Pages that need no program.
enum StaticSite {
    /// Folders with an `index.html` up to two levels down: the service's folder, and the served one below it.
    static func all(in tree: FileTree) -> [(path: String, folder: String)] {
        var sites: [(path: String, folder: String)] = []
        for folder in folders(tree) {
            let parts = folder.split(separator: "/").map(String.init)
            guard parts.count <= 3, !parts.contains(where: unlikely.contains) else { continue }
            let isResult = results.contains(FileTree.name(of: folder))
            let site = isResult ? (FileTree.folder(of: folder), FileTree.name(of: folder)) : (folder, ".")
            let isInside = sites.contains {
                $0.path == "." || site.0 == $0.path || site.0.hasPrefix($0.path + "/")
            }
            if !isInside { sites.append(site) }
        }
        return sites
    }

    private static func folders(_ tree: FileTree) -> [String] {
        let folders = tree.paths.filter { FileTree.name(of: $0) == "index.html" }.map(FileTree.folder)
        return folders.sorted { ($0 == "." ? "" : $0) < ($1 == "." ? "" : $1) }
    }

    /// A service that serves a folder.
    static func program(folder: String) -> DetectedProgram {
        DetectedProgram(kind: "static files", isFrontend: true, program: .files(folder: folder))
    }

    private static let results: Set<String> = ["dist", "public", "build", "out", "_site", "html", "static"]
    private static let unlikely: Set<String> = [
        "docs", "doc", "test", "tests", "examples", "templates", "coverage", "src",
    ]
}
