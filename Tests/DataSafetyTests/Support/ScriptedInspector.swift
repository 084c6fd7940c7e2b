// SPDX-License-Identifier: Apache-2.0
import DataSafety
import Synchronization

/// Finds the indexes that a test names.
final class ScriptedInspector: SchemaInspector {
    private let invalid: [String]
    private let before: Mutex<[String]?>

    /// Finds `before` when it is asked for the first time, and then `invalid`.
    init(invalid: [String], before: [String] = []) {
        self.invalid = invalid
        self.before = Mutex(before)
    }

    func invalidIndexes(of database: DatabaseTarget) async throws -> [String] {
        before.withLock { before in
            defer { before = nil }
            return before ?? invalid
        }
    }
}
