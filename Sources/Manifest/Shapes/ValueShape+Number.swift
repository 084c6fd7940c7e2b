// SPDX-License-Identifier: Apache-2.0

extension ValueShape where Value == Int {
    /// A whole number, called by a noun such as `a port`.
    static func integer(_ noun: String = "a whole number", in range: ClosedRange<Int>) -> Self {
        let expected = "\(noun) from \(range.lowerBound) to \(range.upperBound)"
        let schema: JSONValue = [
            "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
        ]
        return Self(expected: expected, schema: schema, write: { .integer($0) }) { node in
            guard case .scalar(let text, let isQuoted) = node.content, let number = Int(plainDigitsOf: text)
            else {
                node.refuse(expected: expected)
                return nil
            }
            guard range.contains(number) else {
                node.refuse(expected: expected)
                return nil
            }
            guard !isQuoted else {
                node.refuse(hint: "it is a text; write \(number) without quotes")
                return nil
            }
            return number
        }
    }
}

extension ValueShape where Value == Bool {
    /// `true` or `false`, and none of YAML's other spellings.
    static let truth = Self(
        expected: "true or false",
        schema: ["type": "boolean"],
        write: { .boolean($0) },
        read: { node in
            guard case .scalar(let text, let isQuoted) = node.content else {
                node.refuse(expected: "true or false")
                return nil
            }
            if !isQuoted, let truth = Bool(text) { return truth }
            let meant = ["true": true, "yes": true, "on": true, "false": false, "no": false, "off": false]
            if let truth = meant[text.lowercased()] {
                node.refuse(hint: isQuoted ? "write \(truth), without quotes" : "write \(truth)")
            } else {
                node.refuse(expected: "true or false")
            }
            return nil
        },
    )
}

extension Int {
    /// The number that plain decimal digits mean: no sign, no leading zero, no separators.
    init?(plainDigitsOf text: some StringProtocol) {
        let digits = text.utf8
        guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        guard digits.count == 1 || digits.first != 0x30 else { return nil }
        self.init(text)
    }
}
