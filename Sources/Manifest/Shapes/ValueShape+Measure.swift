// SPDX-License-Identifier: Apache-2.0
import Core

extension ValueShape where Value == Duration {
    /// A duration longer than nothing.
    static let duration = text(
        "one whole number and its unit, such as 250ms, 30s, 5m, 2h or 1d",
        pattern: "^(?=.*[1-9])[0-9]{1,9}(ms|s|m|h|d)$",
        write: { .text(DurationText.of($0)) },
        rule: { DurationText.verdict($0, allowsZero: false) },
    )

    /// A duration that may be `0s`.
    static let durationOrZero = text(
        "one whole number and its unit, such as 250ms, 30s, 5m, 2h or 1d",
        pattern: "^[0-9]{1,9}(ms|s|m|h|d)$",
        write: { .text(DurationText.of($0)) },
        rule: { DurationText.verdict($0, allowsZero: true) },
    )
}

extension ValueShape where Value == ByteCount {
    /// A size in binary units.
    static func size(atLeast smallest: ByteCount) -> Self {
        text(
            "a size, such as 512M or 1G, of at least \(ByteCountText.of(smallest))",
            pattern: "^[0-9]{1,9}([KMG]|[KMG]iB)$",
            write: { .text(ByteCountText.of($0)) },
            rule: { ByteCountText.verdict($0, atLeast: smallest) },
        )
    }
}

extension ValueShape where Value == Double {
    /// A share of a whole: `1%` or `0.01`.
    static let share: Self = {
        let expected = "a percentage from 0% to 100%, such as 1%"
        let percentage: JSONValue = ["type": "string", "pattern": #"^(100(\.0+)?|[0-9]{1,2}(\.[0-9]+)?)%$"#]
        let number: JSONValue = ["type": "number", "minimum": 0, "exclusiveMaximum": 1]
        let schema: JSONValue = ["anyOf": [percentage, number]]
        return Self(expected: expected, schema: schema, write: { .text(ShareText.of($0)) }) { node in
            guard case .scalar(let text, let isQuoted) = node.content else {
                node.refuse(expected: expected)
                return nil
            }
            switch ShareText.verdict(text, isQuoted: isQuoted) {
            case .accepted(let share): return share
            case .refused(let hint):
                node.refuse(hint: hint ?? "expected \(expected)")
                return nil
            }
        }
    }()
}
