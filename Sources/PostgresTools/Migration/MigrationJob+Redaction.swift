// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

extension MigrationJob {
    /// A text without the values of the job's variables.
    func redacted(_ text: String) -> String { Redaction(variables.values)(text) }
}
