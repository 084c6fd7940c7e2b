// SPDX-License-Identifier: Apache-2.0

/// Any JSON value, as a validator sees it.
indirect enum JSONText: Hashable, Sendable {
    case null
    case boolean(Bool)
    case number(Double)
    case text(String)
    case list([JSONText])
    case object([String: JSONText])

    /// A member of an object.
    subscript(_ name: String) -> JSONText? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }
}

extension JSONText: Decodable {
    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let flag = value.decoded(Bool.self) {
            self = .boolean(flag)
        } else if let number = value.decoded(Double.self) {
            self = .number(number)
        } else if let text = value.decoded(String.self) {
            self = .text(text)
        } else if let items = value.decoded([JSONText].self) {
            self = .list(items)
        } else {
            self = .object(try value.decode([String: JSONText].self))
        }
    }
}

extension SingleValueDecodingContainer {
    /// The value if it has that type, which a decoder only tells by trying.
    fileprivate func decoded<Value: Decodable>(_ type: Value.Type) -> Value? {
        do {
            return try decode(type)
        } catch {
            return nil
        }
    }
}
