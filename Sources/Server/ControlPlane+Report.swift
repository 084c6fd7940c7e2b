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
        let index = all.firstIndex { $0.id == deployment.id }
        let older = index.map { all[($0 + 1)...].first { $0.begunAt != nil } } ?? nil
        let newer = index.map { all[..<$0].last { $0.begunAt != nil } } ?? nil
        var later = newer?.arrival
        if index != nil, newer == nil, deployment.departure != nil { later = await now(in: key) }
        return DeploymentReport(
            deployment: try await view(of: deployment),
            journal: try await journal(of: deployment.id),
            before: period(
                from: older?.departure,
                to: deployment.arrival,
            ),
            after: period(
                from: deployment.departure,
                to: later,
            ),
            logs: await logs(of: deployment),
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

    /// Nil when the edge does not answer: the report is wanted then above all.
    private func now(in key: EnvironmentKey) async -> Deployment.Reading? {
        guard let counters = try? await ports.router.counters(of: key) else { return nil }
        return Deployment.Reading(at: ports.time.now, counters: counters)
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

    /// None when they can't be read; `opshub logs` says why.
    private func logs(of deployment: Deployment) async -> [LogView] {
        var reader = LogReader(
            control: self,
            selection: LogSelection(
                environment: deployment.environment,
                service: nil,
                release: deployment.release,
                limit: 8,
            ),
        )
        let lines = (try? await reader.next()) ?? []
        return lines.sorted { ($0.slot, $0.instance) < ($1.slot, $1.instance) }
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
