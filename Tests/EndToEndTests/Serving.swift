// SPDX-License-Identifier: Apache-2.0
import Foundation
import HostSystem
import Synchronization

/// The control plane as a child process of a test.
final class Serving: Sendable {
    private let process = Mutex<Int32>(0)

    /// Starts a program whose output is appended to a file.
    func start(
        _ program: String,
        _ arguments: [String],
        log: String,
        environment: [String: String]? = nil,
    ) throws {
        let child = Process()
        child.executableURL = URL(filePath: program)
        child.arguments = arguments
        if let environment { child.environment = environment }
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let output = try FileHandle(forWritingTo: URL(filePath: log))
        try output.seekToEnd()
        child.standardOutput = output
        child.standardError = output
        child.standardInput = FileHandle.nullDevice
        try child.run()
        process.withLock { $0 = child.processIdentifier }
    }

    /// Whether it runs.
    var isRunning: Bool {
        let id = process.withLock { $0 }
        return id > 0 && Foundation.kill(id, 0) == 0
    }

    /// Does what Ctrl-C does.
    func interrupt() {
        let id = process.withLock { $0 }
        if id > 0 { Foundation.kill(id, SIGINT) }
    }

    /// Does what a service manager does.
    func terminate() {
        let id = process.withLock { $0 }
        if id > 0 { Foundation.kill(id, SIGTERM) }
    }

    /// Ends it at once, and returns when it holds nothing any more: no lock, no port.
    func kill() {
        let id = process.withLock { id in
            defer { id = 0 }
            return id
        }
        guard id > 0 else { return }
        Foundation.kill(id, SIGKILL)
        let limit = ContinuousClock.now + .seconds(10)
        while Self.holdsFiles(id), ContinuousClock.now < limit { usleep(1000) }
    }

    /// A zombie holds its files, and their locks, as long as another of its threads has not ended.
    private static func holdsFiles(_ id: Int32) -> Bool {
        guard let entry = ProcessTable.entry(id) else { return false }
        let threads = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task")
        return !entry.isZombie || (threads?.count ?? 0) > 1
    }
}
