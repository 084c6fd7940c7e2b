// SPDX-License-Identifier: Apache-2.0
import Yams

/// The text of a manifest as one YAML tree.
///
/// libyaml stops at the first syntax mistake and at the first repeated key. A syntax mistake ends the reading. A
/// repeated key must not hide every other mistake, so its first character is replaced, in all but its last
/// appearance, by one that nobody writes: line and column of everything stay what they are, and
/// `ReadingLog.repeatedKeys` keeps the name.
enum ManifestDocument {
    /// The largest text that is looked at, in UTF-8 bytes; a manifest has a few thousand.
    static let largest = 1 << 18

    /// The root of the tree; nil when the text is empty, or when a mistake that ends the reading was reported.
    static func root(of text: String, log: ReadingLog) -> Node? {
        guard text.utf8.count <= largest else {
            log.report(.start, "the file is larger than 256 KiB", hint: "is this an opshub.yml?")
            return nil
        }
        guard !AliasBomb.isPossible(in: text) else {
            log.report(.start, "the file has too many aliases", hint: "write the values out")
            return nil
        }
        var text = text
        for number in 0..<mostRepeatedKeys {
            do {
                return try composed(text, log: log)
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                let place = ManifestPlace(context.mark)
                guard let name = names.first, let marked = marking(place, number, in: text),
                    log.repeatedKeys.updateValue(name, forKey: place) == nil
                else {
                    log.report(place, "a key appears twice", hint: "the first is here")
                    return nil
                }
                text = marked
            } catch {
                let mistake = SyntaxMistake(error, in: text)
                log.report(mistake.place, mistake.message, hint: mistake.hint)
                return nil
            }
        }
        log.report(.start, "more than \(mostRepeatedKeys) keys appear twice")
        return nil
    }

    private static let mostRepeatedKeys = 50
    private static let firstMarker: UInt32 = 0xE000

    private static func composed(_ text: String, log: ReadingLog) throws -> Node? {
        guard let root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot() else {
            log.report(.start, "the file is empty", hint: "it needs at least 'project:' and 'services:'")
            return nil
        }
        return root
    }

    /// The text with the first character of the key at `place` replaced; nil when that is not an ordinary key.
    private static func marking(_ place: ManifestPlace, _ number: Int, in text: String) -> String? {
        var scalars = text.unicodeScalars
        guard let marker = Unicode.Scalar(firstMarker + UInt32(number)), var index = scalars.index(of: place)
        else {
            return nil
        }
        if "\"'".unicodeScalars.contains(scalars[index]) { scalars.formIndex(after: &index) }
        guard index < scalars.endIndex, isOrdinary(scalars[index]) else { return nil }
        scalars.replaceSubrange(index...index, with: [marker])
        return String(scalars)
    }

    private static func isOrdinary(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || "_-./<".unicodeScalars.contains(scalar)
    }
}
