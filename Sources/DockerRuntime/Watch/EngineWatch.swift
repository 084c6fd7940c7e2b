// SPDX-License-Identifier: Apache-2.0
import AsyncHTTPClient
public import Core
public import Delivery
import HostSystem
import InstanceFolders
import NIOCore
import NIOHTTP1

/// Follows what happens on an engine for as long as it runs: logs are written down as they come, and what ends by itself is told.
///
/// Nothing depends on it: a log that nobody follows is written down when somebody asks for it, and what has ended is seen by whoever
/// looks.
public struct EngineWatch: Sendable {
    private let layout: HomeLayout
    private let client: EngineClient
    private let labels: EngineLabels
    private let logs: ContainerLogs
    private let stops: AskedStops

    /// A watch over a home's containers.
    public init(layout: HomeLayout, engine: Engine) {
        self.layout = layout
        client = engine.client
        labels = EngineLabels(identity: engine.identity)
        logs = engine.logs
        stops = engine.stops
    }

    /// Watches until the engine ends or does not answer, which is thrown, or until cancelled.
    ///
    /// - Parameters:
    ///   - onEnd: Told of each container that has ended and was not asked to: which, and how.
    ///   - onTrouble: Told why a log is not followed any more; it is written down when somebody asks for it, or at its container's end.
    /// - Throws: `engine-failed`.
    public func run(
        onEnd: @Sendable @escaping (InstanceID, String) async -> Void,
        onTrouble: @Sendable @escaping (any Error) -> Void,
    ) async throws {
        let filters = ["type": ["container"], "label": labels.own.map { "\($0)=\($1)" }]
        let query: EngineQuery = ["filters": try EngineQuery.filters(filters)]
        // First the stream, then what is there: what comes between is seen twice, and nothing not at all.
        let body = try await client.stream(.GET, "/events", query)
        try await withThrowingDiscardingTaskGroup { group in
            for entry in try await client.get(
                "/containers/json",
                try .labels(labels.own),
                as: [EngineContainerEntry].self,
            )
            where entry.state == "running" {
                group.addTask(name: "log of \(entry.id)") { await follow(entry.id, onTrouble) }
            }
            var events = EngineEvents()
            for try await buffer in body {
                for event in events.take(buffer) {
                    switch event.action {
                    case "start":
                        group.addTask(name: "log of \(event.actor.id)") {
                            await follow(event.actor.id, onTrouble)
                        }
                    case "die":
                        guard !stops.take(event.actor.id), let id = labels.instance(event.actor.attributes)
                        else { continue }
                        await onEnd(id, try await ending(of: event))
                    default: continue
                    }
                }
            }
            group.cancelAll()
        }
    }

    private func ending(of event: EngineEvents.Event) async throws -> String {
        if let found = try await client.find("/containers/\(event.actor.id)/json", as: EngineContainer.self),
            found.state.oomKilled
        {
            return found.ending
        }
        let code = event.actor.attributes["exitCode"].flatMap { Int($0) } ?? 0
        return code > 128 ? "signal \(code - 128)" : "exit status \(code)"
    }

    private func follow(_ container: String, _ onTrouble: (any Error) -> Void) async {
        do {
            guard
                let found = try await client.find("/containers/\(container)/json", as: EngineContainer.self),
                let id = labels.instance(found.config.labels ?? [:])
            else { return }
            let folder = InstanceFolder(id, in: layout)
            // One whose folder is gone belongs to an environment that is.
            guard Folder.exists(folder.path) else { return }
            try await logs.follow(found, in: folder)
        } catch is CancellationError {
            return
        } catch {
            onTrouble(error)
        }
    }
}
