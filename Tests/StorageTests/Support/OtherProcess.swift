// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Another process that holds a database's write lock.
final class OtherProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// Returns once the lock is held.
    init(holding path: String) throws {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            """
            import sqlite3, sys
            database = sqlite3.connect(sys.argv[1], isolation_level=None)
            database.execute("BEGIN IMMEDIATE")
            print("held", flush=True)
            sys.stdin.read()
            database.execute("ROLLBACK")
            """,
            path,
        ]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let said = try #require(try output.fileHandleForReading.read(upToCount: 5))
        #expect(String(decoding: said, as: UTF8.self) == "held\n")
    }

    /// Lets go of the lock; returns once the process has ended.
    func end() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
