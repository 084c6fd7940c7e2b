// SPDX-License-Identifier: Apache-2.0

/// Which value of the file is meant: the keys and item numbers that lead to it.
struct ManifestPath: Hashable, Sendable {
    /// One step down.
    enum Step: Hashable, Sendable {
        /// To the value of a key.
        case key(String)
        /// To an item of a list, from 1.
        case item(Int)
    }

    /// From the top of the file.
    var steps: [Step] = []

    /// The whole file.
    static let root = Self()

    /// The values below these keys.
    init(_ keys: String...) {
        steps = keys.map { .key($0) }
    }

    /// The value of a key below this one.
    func key(_ name: String) -> Self { appending(.key(name)) }

    /// An item of this list, from 1.
    func item(_ number: Int) -> Self { appending(.item(number)) }

    /// The last key on the way here; empty for the whole file.
    var lastKey: String {
        for case .key(let name) in steps.reversed() { return name }
        return ""
    }

    /// The value that this one is part of.
    var parent: Self {
        var parent = self
        _ = parent.steps.popLast()
        return parent
    }

    private func appending(_ step: Step) -> Self {
        var longer = self
        longer.steps.append(step)
        return longer
    }
}

extension ManifestPath: CustomStringConvertible {
    /// As messages begin: `services.backend.run`, `item 2 of services.backend.routes`, `the file`.
    var description: String {
        guard self != .root else { return "the file" }
        return steps.reduce("") { text, step in
            switch step {
            case .item(let number): "item \(number) of \(text)"
            case .key(let name) where text.isEmpty: name
            case .key(let name) where text.hasPrefix("item "): "\(name) of \(text)"
            case .key(let name): "\(text).\(name)"
            }
        }
    }
}
