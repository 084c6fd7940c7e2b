// SPDX-License-Identifier: Apache-2.0
import DataSafety

/// Finds the indexes that a test names.
struct ScriptedInspector: SchemaInspector {
    let invalid: [String]

    func invalidIndexes(of database: DatabaseTarget) async throws -> [String] { invalid }
}
