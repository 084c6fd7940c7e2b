// SPDX-License-Identifier: Apache-2.0

extension String.UnicodeScalarView {
    /// The index of a place, by libyaml's count of lines; nil when there is no character.
    func index(of place: ManifestPlace) -> Index? {
        var here = ManifestPlace.start
        for index in indices {
            if here == place { return index }
            here.move(
                past: self[index],
                before: self.index(after: index) < endIndex ? self[self.index(after: index)] : nil,
            )
        }
        return nil
    }

    /// The place of an index.
    func place(of target: Index) -> ManifestPlace {
        var here = ManifestPlace.start
        for index in indices where index < target {
            here.move(
                past: self[index],
                before: self.index(after: index) < endIndex ? self[self.index(after: index)] : nil,
            )
        }
        return here
    }
}

extension ManifestPlace {
    /// Moves on by one character.
    mutating func move(past scalar: Unicode.Scalar, before next: Unicode.Scalar?) {
        let breaks: [Unicode.Scalar] = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
        if breaks.contains(scalar), !(scalar == "\r" && next == "\n") {
            (line, column) = (line + 1, 1)
        } else {
            column += 1
        }
    }
}
