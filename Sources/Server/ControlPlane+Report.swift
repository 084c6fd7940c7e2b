// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import FoundationEssentials

extension ControlPlane {
    /// Everything that is known of a deployment.
    func report(of deployment: Deployment) async throws -> DeploymentReport {
        let key = deployment.environment
        // Newest first. Beyond that, what came before and after is not known.
        let all = try await ports.records.deployments(of: key, limit: 500)
        let older = all.drop { $0.id != deployment.id }.dropFirst()
        let newer = all.prefix { $0.id != deployment.id }
        return DeploymentReport(
            deployment: try await view(of: deployment),
            journal: try await journal(of: deployment.id),
            before: period(
                from: older.compactMap(\.departure).first,
                to: deployment.arrival,
            ),
            after: period(
                from: deployment.departure,
                to: try await newer.compactMap(\.arrival).last.orElse { try await now(in: key) },
            ),
            logs: try await logs(of: deployment),
        )
    }

    private func journal(of id: DeploymentID) async throws -> [JournalLine] {
        var lines: [JournalLine] = []
        while true {
            let page = try await ports.records.journal(of: id, after: lines.last?.sequence ?? 0, limit: 1000)
            guard !page.isEmpty else { return lines }
            lines += page.map { JournalLine($0) }
        }
    }

    private func now(in key: EnvironmentKey) async throws -> Deployment.Reading {
        Deployment.Reading(at: ports.time.now, counters: try await ports.router.counters(of: key))
    }

    private func period(from: Deployment.Reading?, to: Deployment.Reading?) -> DeploymentReport.Period? {
        guard let from, let to else { return nil }
        let slots = to.counters.since(from.counters).values
        return DeploymentReport.Period(
            from: from.at,
            to: to.at,
            traffic: TrafficView(
                served: slots.map(\.served).reduce(0, +),
                failed: slots.map(\.failed).reduce(0, +),
            ),
            isPartial: from.counters.epoch != to.counters.epoch,
        )
    }

    private func logs(of deployment: Deployment) async throws -> [LogView] {
        var reader = LogReader(
            control: self,
            selection: LogSelection(
                environment: deployment.environment,
                service: nil,
                release: deployment.release,
                limit: 8,
            ),
        )
        return try await reader.next().sorted { ($0.slot, $0.instance) < ($1.slot, $1.instance) }
    }
}

extension Deployment {
    /// What the edge had counted at a moment.
    fileprivate struct Reading {
        let at: Date
        let counters: TrafficCounters
    }

    /// When it began.
    fileprivate var arrival: Reading? {
        guard let begunAt, let trafficBefore else { return nil }
        return Reading(at: begunAt, counters: trafficBefore)
    }

    /// When it was over.
    fileprivate var departure: Reading? {
        guard let concludedAt, let trafficAfter else { return nil }
        return Reading(at: concludedAt, counters: trafficAfter)
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func orElse(_ other: () async throws -> Wrapped?) async rethrows -> Wrapped? {
        if let self { self } else { try await other() }
    }
}
