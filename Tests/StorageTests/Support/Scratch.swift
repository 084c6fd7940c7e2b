// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import GRDB
import Testing

/// A folder for one test, removed when the test ends, however it ends.
struct Scratch: Sendable {
    /// The folder.
    let folder: URL

    /// Where a state database goes.
    var database: String { folder.appending(component: "opshub.db").path }

    /// Runs `body` with a folder.
    static func use(_ body: (Scratch) async throws -> Void) async throws {
        let name = "opshub-storage-\(UInt64.random(in: 0...UInt64.max))"
        let scratch = Scratch(folder: URL(filePath: "/tmp").appending(component: name))
        try FileManager.default.createDirectory(at: scratch.folder, withIntermediateDirectories: false)
        do {
            try await body(scratch)
        } catch {
            try FileManager.default.removeItem(at: scratch.folder)
            throw error
        }
        try FileManager.default.removeItem(at: scratch.folder)
    }

    /// The bytes of a file.
    func bytes(_ name: String = "opshub.db") throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(component: name)))
    }

    /// Puts bytes in the place of a file.
    func write(_ bytes: [UInt8], to name: String = "opshub.db") throws {
        try Data(bytes).write(to: folder.appending(component: name))
    }

    /// Changes the database as any other program could.
    func tamper(_ sql: String, _ arguments: StatementArguments = []) throws {
        let queue = try DatabaseQueue(path: database)
        try queue.write { try $0.execute(sql: sql, arguments: arguments) }
        try queue.close()
    }

    /// What any other program would read.
    func count(_ sql: String) throws -> Int {
        let queue = try DatabaseQueue(path: database)
        defer { #expect(throws: Never.self) { try queue.close() } }
        return try queue.read { try Int.fetchOne($0, sql: sql) ?? -1 }
    }
}
