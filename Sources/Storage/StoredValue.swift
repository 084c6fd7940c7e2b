// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import GRDB

/// Values as the state database holds them: JSON with sorted keys, dates as seconds.
enum StoredValue {
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// - Throws: `damaged-state` when the row can't be read; it stays where it is.
    static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw Failure(
                .damagedState,
                "a stored \(type) can't be read",
                hint: "it was left as it is; the version of OpsHub that wrote it can read it",
                cause: String(describing: error),
            )
        }
    }

    /// The number in a name: 12 of `d12`; 0 when there is none.
    static func number(of name: String) -> Int {
        Int(name.drop { !$0.isNumber }) ?? 0
    }
}

extension Database {
    func one<Value: Decodable>(
        _ type: Value.Type,
        _ sql: String,
        _ arguments: StatementArguments,
    ) throws -> Value? {
        try Data.fetchOne(self, sql: sql, arguments: arguments)
            .map { try StoredValue.decode(type, from: $0) }
    }

    func all<Value: Decodable>(
        _ type: Value.Type,
        _ sql: String,
        _ arguments: StatementArguments = StatementArguments(),
    ) throws -> [Value] {
        try Data.fetchAll(self, sql: sql, arguments: arguments)
            .map { try StoredValue.decode(type, from: $0) }
    }
}
