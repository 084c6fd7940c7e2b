// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

/// Gate: after the switch, or at a canary's share, real traffic and probes keep their budget for the whole window.
///
/// Where the two are to be compared, the outgoing release, which runs on, is probed beside the new one.
struct StabilityGate {
    let context: StepContext
    /// The stability gate, or a canary's at its share.
    let step: Step
    /// How long it is watched at most while a person is asked; as long as the budget says when nil.
    var patience: Duration?

    private static let pause: Duration = .milliseconds(500)
    private static let shortestPause: Duration = .milliseconds(20)
    /// How long the edge may be silent: its supervisor starts one that ended again within a second or two, and what it counts
    /// from then on is enough to judge by.
    private static let edgePatience: Duration = .seconds(15)

    private typealias Instances = [(service: ServiceManifest, status: InstanceStatus)]

    /// What was seen of both releases.
    private struct Seen {
        var new = StabilityMeasure()
        var old: StabilityMeasure?
        var begin: Duration
        var time: Duration { end - begin }
        var end: Duration
    }

    private var budget: StabilityManifest { context.environment.stability }
    private var key: EnvironmentKey { context.key }
    private var judge: StabilityJudge {
        StabilityJudge(budget: budget, release: context.release.id, environment: key.environment)
    }

    func perform() async throws -> StepResult {
        let now = context.ports.time.uptime
        var seen = Seen(begin: now, end: now)
        do {
            try await watch(&seen)
        } catch var failure as Failure {
            await tell(seen)
            if failure.code == .gateFailed { failure.evidence += await logs() }
            throw failure
        }
        await tell(seen)
        return .done
    }

    private func watch(_ seen: inout Seen) async throws {
        let time = context.ports.time
        // Since when the edge says nothing; nil while it answers.
        var silence: Duration?
        var baseline = try await counters(&silence)
        let running = try await context.running()
        let outgoing = budget.isRelative ? try await context.outgoingRunning() : []
        let since = time.now
        let longest = max(budget.window, patience ?? budget.longestWindow)
        var limit = budget.window
        if !outgoing.isEmpty { seen.old = StabilityMeasure() }
        try await weigh(running, \.before, &seen.new)
        // However short the window is, the probes alone are enough to judge by; but no service is to be drowned in them.
        let pause = max(
            patience == nil ? Self.shortestPause : Self.pause,
            min(Self.pause, limit / (budget.minRequests + budget.minRequests / 2 + 1)),
        )
        while true {
            try await time.sleep(for: pause)
            seen.end = time.uptime
            try await checkRestarts(running)
            for (service, status) in running { await probe(service, status, into: &seen.new.probes) }
            for (service, status) in outgoing { await probe(service, status, into: &seen.old.orNew.probes) }
            guard let counters = try await counters(&silence) else { continue }
            baseline = baseline ?? counters
            seen.new.real = counters.since(baseline)[context.slot] ?? seen.new.real
            if seen.old != nil { seen.old?.real = served(counters, since: baseline) }
            try judge.checkErrors(seen.new, isFinal: false)
            guard seen.time >= limit else { continue }
            do {
                return try await judgeAll(&seen, running, since: since, watched: longest)
            } catch let doubt as Failure where doubt.code == .gateInconclusive && limit < longest {
                // What more time may bring is waited for.
                if patience == nil { await context.tell(.note(step, "\(doubt.message); watched on")) }
                limit = min(limit + budget.window, longest)
            }
        }
    }

    /// What the edge has counted; nil while it is being started again.
    private func counters(_ silence: inout Duration?) async throws -> TrafficCounters? {
        do {
            let counters = try await context.ports.router.counters(of: key)
            if silence != nil { await context.tell(.note(step, "the edge answers again")) }
            silence = nil
            return counters
        } catch let failure as Failure where failure.code == .edgeFailed && failure.isRetryable {
            let now = context.ports.time.uptime
            let since = silence ?? now
            guard now - since < Self.edgePatience else { throw failure }
            if silence == nil { await context.tell(.note(step, failure.message)) }
            silence = since
            return nil
        }
    }

    private func judgeAll(
        _ seen: inout Seen,
        _ running: Instances,
        since: Date,
        watched: Duration,
    ) async throws {
        let router = context.ports.router
        try await weigh(running, \.after, &seen.new)
        seen.new.latency = try await router.latency(of: context.slot, in: key, since: since)
        if let slot = context.deployment.outgoing?.slot {
            let from = context.deployment.begunAt ?? since
            seen.old?.latency = try await router.latency(of: slot, in: key, since: from)
        }
        // Where a person is asked, our own probes have said what they can: only visitors make up for it.
        let count = patience == nil ? seen.new.count : seen.new.real.served
        try judge.checkEnd(seen.new, counting: count, watched: patience == nil ? seen.time : watched)
        if let old = seen.old { try judge.compare(seen.new, with: old) }
    }

    /// What the outgoing release has answered: beside the new one while they share the traffic, and before it had any.
    private func served(_ now: TrafficCounters, since baseline: TrafficCounters?) -> TrafficCounters.Totals {
        guard let slot = context.deployment.outgoing?.slot else { return TrafficCounters.Totals() }
        let beside = now.since(baseline)[slot] ?? TrafficCounters.Totals()
        guard beside.served < budget.minRequests, let begin = context.deployment.trafficBefore else {
            return beside
        }
        return now.since(begin)[slot] ?? beside
    }

    private func checkRestarts(_ running: Instances) async throws {
        for (_, before) in running {
            guard let now = try await context.ports.services.status(of: before.id), now.exits > before.exits
            else { continue }
            throw Failure(
                .serviceExited,
                "\(before.id) of \(context.release.id) ended by itself within the stability window: \(now.lastExit ?? "no status")",
                hint: "traffic returns to the outgoing release; read the log, mend it and push again",
                evidence: await context.logTail(of: before.id),
            )
        }
    }

    private func weigh(
        _ running: Instances,
        _ moment: WritableKeyPath<StabilityMeasure.Memory, ByteCount?>,
        _ measure: inout StabilityMeasure,
    ) async throws {
        for (_, status) in running {
            let name = "\(status.id.service).\(status.id.replica)"
            measure.memory[name, default: .init()][keyPath: moment] =
                try await context.ports.services.memory(of: status.id)
        }
    }

    private func probe(
        _ service: ServiceManifest,
        _ status: InstanceStatus,
        into probes: inout StabilityMeasure.Probes,
    ) async {
        guard let health = service.probe else { return }
        let request = ProbeRequest(port: status.port, path: health.path, timeout: health.timeout)
        do {
            let response = try await context.ports.prober.get(request)
            let difference = Answer.difference(response, health)
            probes.add(response.duration, difference.map { "\(status.id) \($0)" }, from: "\(status.id)")
        } catch {
            let failure = Failure.wrapping(error, doing: "probing \(status.id)")
            let words = failure.message + (failure.cause.map { " (\($0))" } ?? "")
            probes.add(nil, words, from: "\(status.id)")
        }
    }

    private func tell(_ seen: Seen) async {
        let evidence = StabilityEvidence(
            window: seen.time,
            incoming: seen.new.evidence,
            outgoing: seen.old?.evidence,
        )
        await context.tell(.measured(step, evidence))
    }

    private func logs() async -> [String] {
        var lines: [String] = []
        for (_, id) in context.instances { lines += await context.logTail(of: id, lines: 8) }
        return lines
    }
}

extension Optional where Wrapped == StabilityMeasure {
    /// What was measured so far, or nothing yet.
    fileprivate var orNew: StabilityMeasure {
        get { self ?? StabilityMeasure() }
        set { self = newValue }
    }
}

extension StepContext {
    /// The outgoing release's instances that run, with their health checks; none when nothing served before.
    fileprivate func outgoingRunning() async throws -> [(service: ServiceManifest, status: InstanceStatus)] {
        guard let outgoing = deployment.outgoing,
            let release = try await ports.records.release(outgoing.release)
        else { return [] }
        let services = release.manifest.services
        return try await ports.services.instances(of: key)
            .compactMap { status in
                guard status.id.slot == outgoing.slot, status.release == outgoing.release,
                    let service = services.first(where: { $0.name == status.id.service })
                else { return nil }
                return (service, status)
            }
    }
}
