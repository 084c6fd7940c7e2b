// SPDX-License-Identifier: Apache-2.0

/// Folders with a Dockerfile.
struct ContainerFolders {
    /// The folders.
    let folders: Set<String>
    private let commands: [String: String]

    /// Looks for Dockerfiles.
    init(of tree: FileTree) {
        let files = tree.paths.filter { FileTree.name(of: $0) == "Dockerfile" }
        folders = Set(files.map(FileTree.folder))
        commands = Dictionary(
            files.compactMap { file in
                tree.text(file).flatMap(Self.command).map { (FileTree.folder(of: file), $0) }
            },
            uniquingKeysWith: { first, _ in first },
        )
    }

    /// The folders that nothing else was recognised in.
    func containers(except known: Set<String>) -> [DetectedContainer] {
        folders.subtracting(known).sorted().map { DetectedContainer(path: $0, command: commands[$0]) }
    }

    /// The last `CMD` or `ENTRYPOINT`, with the JSON form as a command line.
    private static func command(of text: String) -> String? {
        let lines = text.split(whereSeparator: \.isNewline)
            .filter { $0.hasPrefix("CMD ") || $0.hasPrefix("ENTRYPOINT ") }
        guard let line = lines.last, let space = line.firstIndex(of: " ") else { return nil }
        let words = line[space...].drop { $0 == " " }
        guard words.hasPrefix("[") else { return String(words) }
        return words.split { "[]\",".contains($0) }.filter { $0 != " " }.joined(separator: " ")
    }
}
