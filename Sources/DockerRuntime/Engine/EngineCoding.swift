// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// JSON as the engine has it: names begin with a capital, those of maps are as they are.
enum EngineCoding {
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .custom { EngineKey($0.last?.stringValue.capitalizingFirst ?? "") }
        return encoder
    }

    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .custom { EngineKey($0.last?.stringValue.uncapitalizingFirst ?? "") }
        return decoder
    }
}

private struct EngineKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ text: String) {
        stringValue = text
    }

    init?(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) { nil }
}

extension String {
    fileprivate var capitalizingFirst: String { prefix(1).uppercased() + dropFirst() }
    fileprivate var uncapitalizingFirst: String { prefix(1).lowercased() + dropFirst() }
}
