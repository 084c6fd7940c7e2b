// SPDX-License-Identifier: Apache-2.0

/// What a Python program depends on, from every file that may say so.
struct PythonDependencies {
    /// Every word of those files in lower case: names, and harmless others.
    let words: Set<String>

    /// Looks at a program's folder.
    init(of tree: FileTree) {
        let files = tree.paths.filter { Self.isFile($0) }
        words = files.compactMap(tree.text).reduce(into: []) { $0.formUnion(Self.words(in: $1)) }
    }

    /// Whether one of some packages is among them.
    func has(_ names: String...) -> Bool { !words.isDisjoint(with: names) }

    /// Whether a file of that name lists dependencies.
    static func isFile(_ name: String) -> Bool {
        name == "pyproject.toml"
            || name.hasPrefix("requirements") && name.hasSuffix(".txt")
    }

    /// The words of a text in lower case.
    static func words(in text: String) -> Set<String> {
        let words = text.lowercased()
            .split { !($0.isASCII && ($0.isLetter || $0.isNumber)) && !"-_".contains($0) }
        return Set(words.map(String.init))
    }
}
