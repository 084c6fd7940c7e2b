// SPDX-License-Identifier: Apache-2.0
import AsyncHTTPClient
import Core
import InstanceFolders
import NIOCore
import NIOHTTP1

/// Writes the logs of containers down where those of processes are; each by one reader at a time.
actor ContainerLogs {
    private let client: EngineClient
    /// Logs that somebody writes at the moment, by their folder.
    private var busy: Set<String> = []
    /// Those of them that are followed.
    private var followed: [String: (container: String, log: FollowedLog)] = [:]

    init(client: EngineClient) {
        self.client = client
    }

    /// Writes down everything that a container has written by now.
    func catchUp(_ container: EngineContainer, in folder: InstanceFolder) async throws {
        while busy.contains(folder.path) {
            if let (id, log) = followed[folder.path], id == container.id, container.isRunning {
                // What has come is enough: the rest comes at once.
                return try await log.flush()
            }
            try await ContinuousClock().sleep(for: .milliseconds(10))
        }
        try await hold(folder) {
            try await self.read(container, FollowedLog(container, in: folder), follows: false)
        }
    }

    /// Writes down what a container writes until it ends.
    func follow(_ container: EngineContainer, in folder: InstanceFolder) async throws {
        // Whoever is at it will soon have caught up, or writes the end of what was here before.
        while busy.contains(folder.path) { try await ContinuousClock().sleep(for: .milliseconds(50)) }
        try await hold(folder) {
            let log = try FollowedLog(container, in: folder)
            try await self.follow(container, log, folder)
        }
    }

    private func follow(
        _ container: EngineContainer,
        _ log: FollowedLog,
        _ folder: InstanceFolder,
    ) async throws {
        followed[folder.path] = (container.id, log)
        defer { followed[folder.path] = nil }
        try await read(container, log, follows: true)
    }

    private func hold(_ folder: InstanceFolder, _ body: () async throws -> Void) async throws {
        busy.insert(folder.path)
        defer { busy.remove(folder.path) }
        try await body()
    }

    private nonisolated func read(
        _ container: EngineContainer,
        _ log: FollowedLog,
        follows: Bool,
    ) async throws {
        var query: EngineQuery = ["stdout": "true", "stderr": "true", "timestamps": "true"]
        if follows { query = query.adding("follow", "true") }
        if let since = await log.since { query = query.adding("since", since) }
        do {
            let body = try await client.stream(.GET, "/containers/\(container.id)/logs", query)
            for try await buffer in body { try await log.take(buffer) }
        } catch let refusal as EngineRefusal where refusal.isNotFound {
            // Gone, and its log with it.
        } catch {
            await log.abandon()
            throw error
        }
        try await log.close()
    }
}

/// A log that is written down while others want to read it.
actor FollowedLog {
    private var log: ContainerLog

    init(_ container: EngineContainer, in folder: InstanceFolder) throws {
        log = try ContainerLog(of: container.id, hasTerminal: container.config.tty, in: folder)
    }

    var since: String? { log.since }

    func take(_ buffer: ByteBuffer) throws { try log.take(buffer) }

    func flush() throws { try log.flush() }

    func close() throws {
        defer { log.close() }
        try log.flush()
    }

    /// Ends without what was not written: it comes again.
    func abandon() { log.close() }
}
