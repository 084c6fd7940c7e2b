// SPDX-License-Identifier: Apache-2.0
import Yams

/// A text that is not YAML, in words for people instead of libyaml's.
struct SyntaxMistake {
    /// Where it is.
    var place: ManifestPlace
    /// What is wrong.
    var message: String
    /// The edit that most likely mends it.
    var hint: String?
}

extension SyntaxMistake {
    /// Translates an error of Yams about `text`.
    init(_ error: any Error, in text: String) {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, yaml: _),
            YamlError.parser(let context, let problem, let mark, yaml: _),
            YamlError.composer(let context, let problem, let mark, yaml: _):
            self.init(problem, ManifestPlace(mark), context, in: text.unicodeScalars)
        default:
            let scalars = text.unicodeScalars
            let place = scalars.firstIndex(where: Self.isForbidden).map(scalars.place(of:)) ?? .start
            let hint = "remove it, or write it as an escape in double quotes"
            self.init(place: place, message: "a control character is not allowed", hint: hint)
        }
    }

    private init(
        _ problem: String,
        _ mark: ManifestPlace,
        _ context: YamlError.Context?,
        in text: String.UnicodeScalarView,
    ) {
        // libyaml ends every text in a line break, even where there is none.
        let mark = min(mark, text.place(of: text.endIndex))
        let begin = context.map { ManifestPlace($0.mark) } ?? mark
        let isTab = text.index(of: mark).map { text[$0] } == "\t"
        guard let words = isTab ? SyntaxWords.tab : SyntaxWords.all[problem] else {
            self.init(place: mark, message: "not valid YAML: \(problem)", hint: context?.text)
            return
        }
        let place = words.isAtBegin ? begin : mark
        let character = text.index(of: place).map { String(text[$0]) } ?? ""
        self.init(
            place: place,
            message: words.message.replacing("{character}", with: character),
            hint: words.hint.replacing("{begin}", with: "\(begin)"),
        )
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        let isControl = scalar.properties.generalCategory == .control || scalar.value & 0xFFFE == 0xFFFE
        return isControl && !["\t", "\n", "\r", "\u{85}"].contains(scalar)
    }
}
