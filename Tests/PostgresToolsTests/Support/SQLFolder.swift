// SPDX-License-Identifier: Apache-2.0
import HostSystem

/// A folder with some files in it.
enum SQLFolder {
    /// Makes it, and removes it whatever happens.
    static func with<Result: Sendable>(
        _ files: [String: String],
        body: (String) async throws -> Result,
    ) async throws -> Result {
        let name = String((0..<12).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement() ?? "a" })
        let path = "/tmp/opshub-sql-\(name)"
        try Folder.make(path)
        do {
            for file in files {
                // `a/b` is in a folder of its own.
                if let slash = file.key.lastIndex(of: "/") {
                    try Folder.make("\(path)/\(file.key[..<slash])")
                }
                try DurableFile.write(file.value, to: "\(path)/\(file.key)")
            }
            let result = try await body(path)
            try Folder.remove(path)
            return result
        } catch {
            try Folder.remove(path)
            throw error
        }
    }
}
