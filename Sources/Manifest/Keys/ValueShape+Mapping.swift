// SPDX-License-Identifier: Apache-2.0

extension ValueShape {
    /// A mapping with the keys of a table.
    static func mapping(
        _ table: KeyTable,
        build: @escaping @Sendable (MappingFields) -> Value?,
    ) -> Self {
        Self(
            expected: table.expected,
            schema: table.schema,
            nested: NestedKeys(table: table),
            write: { _ in nil },
        ) { node in
            MappingFields(node, table).flatMap(build)
        }
    }
}
