// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem

@testable import PostgresTools

/// Homes of test processes that were killed: their servers run on, as they should, until somebody removes
/// them.
enum Leftovers {
    /// What every home of these tests begins with.
    static let prefix = "/tmp/opshub-postgres-"

    private static let removal = Task {
        for name in try Folder.names(in: "/tmp") where "/tmp/\(name)".hasPrefix(prefix) {
            let root = "/tmp/\(name)"
            // Process, its start, project: a process of that number with another start is another one.
            guard let words = try FileContent.text(of: "\(root)/test")?.split(separator: " "),
                words.count == 3,
                let process = Int32(words[0])
            else { continue }
            if let entry = ProcessTable.entry(process), "\(entry.startTicks)" == words[1] { continue }
            try await TestHome(root: root, project: String(words[2])).remove()
        }
    }

    /// Says whose home it is.
    static func mark(_ home: TestHome) throws {
        let start = ProcessTable.entry(getpid())?.startTicks ?? 0
        try DurableFile.write(
            "\(getpid()) \(start) \(home.environment.project)",
            to: "\(home.layout.root)/test",
        )
    }

    /// Removes those of processes that have ended; once per process.
    static func remove() async throws {
        try await removal.value
    }
}
