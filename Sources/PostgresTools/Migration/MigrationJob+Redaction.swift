// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

extension MigrationJob {
    /// A text without the values of the job's variables.
    ///
    /// Short ones stay: they are words of any text.
    func redacted(_ text: String) -> String {
        let url = variables["DATABASE_URL"]?.revealed() ?? ""
        // `scheme://user:password@host`: tools print the parts on their own.
        let password = url.split(separator: "@").first?.split(separator: ":").last.map(String.init) ?? ""
        let secrets = (variables.values.map { $0.revealed() } + [password]).filter { $0.utf8.count >= 12 }
        return secrets.reduce(text) { $0.replacing($1, with: "•••") }
    }
}
