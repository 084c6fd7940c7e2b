// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// How every value of the API is written: JSON with sorted keys and ISO-8601 times in UTC
/// with milliseconds.
public enum Wire {
    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// Writes values.
    public static func encoder(pretty: Bool = false) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            pretty
            ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(style))
        }
        return encoder
    }

    /// Reads values.
    public static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            try style.parse(try decoder.singleValueContainer().decode(String.self))
        }
        return decoder
    }
}
