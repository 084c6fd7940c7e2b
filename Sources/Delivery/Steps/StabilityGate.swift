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

    /// Failures that end the window early once the budget is passed; fewer may be a hiccup that the window absorbs.
    private static let decisiveFailures = 3

    private var budget: StabilityManifest { context.environment.stability }
    private var key: EnvironmentKey { context.key }
    private var name: ReleaseID { context.release.id }

    func perform() async throws -> StepResult {
        let (ports, time) = (context.ports, context.ports.time)
        let baseline = try await ports.router.counters(of: key)
        let running = try await context.running()
        let outgoing = budget.isRelative ? try await context.outgoingRunning() : []
        let (begin, since) = (time.uptime, time.now)
        var limit = budget.window
        var (new, old) = (StabilityMeasure(), StabilityMeasure())
        // However short the window is, the probes alone are enough to judge by.
        let pause = min(.milliseconds(500), limit / (budget.minRequests + budget.minRequests / 2 + 1))
        while true {
            try await time.sleep(for: pause)
            try await checkRestarts(running)
            for (service, status) in running { await probe(service, status, into: &new.probes) }
            for (service, status) in outgoing { await probe(service, status, into: &old.probes) }
            let counters = try await ports.router.counters(of: key)
            new.real = counters.since(baseline)[context.slot] ?? new.real
            old.real = served(counters, since: baseline)
            try await judge(new, isFinal: false)
            guard time.uptime - begin >= limit else { continue }
            guard new.count < budget.minRequests, limit < budget.longestWindow else { break }
            // Inconclusive: what more time may bring is waited for.
            await context.tell(
                .note(
                    step,
                    "only \(new.count) of \(budget.minRequests) requests and probes so far; watched on",
                )
            )
            limit = min(limit + budget.window, budget.longestWindow)
        }
        new.latency = try await ports.router.latency(of: context.slot, in: key, since: since)
        if let slot = context.deployment.outgoing?.slot {
            let from = context.deployment.begunAt ?? since
            old.latency = try await ports.router.latency(of: slot, in: key, since: from)
        }
        try await judge(new, isFinal: true)
        try await judgeLatency(new)
        if !outgoing.isEmpty { try await judge(new, against: old) }
        await context.tell(.note(step, new.inWords))
        return .done
    }

    /// What the outgoing release has answered: beside the new one while they share the traffic, and before it had any.
    private func served(_ now: TrafficCounters, since baseline: TrafficCounters) -> TrafficCounters.Totals {
        guard let slot = context.deployment.outgoing?.slot else { return TrafficCounters.Totals() }
        let beside = now.since(baseline)[slot] ?? TrafficCounters.Totals()
        guard beside.served < budget.minRequests, let begin = context.deployment.trafficBefore else {
            return beside
        }
        return now.since(begin)[slot] ?? beside
    }

    private func checkRestarts(_ running: [(service: ServiceManifest, status: InstanceStatus)]) async throws {
        for (_, before) in running {
            guard let now = try await context.ports.services.status(of: before.id), now.exits > before.exits
            else { continue }
            throw Failure(
                .serviceExited,
                "\(before.id) of \(name) ended by itself within the stability window: \(now.lastExit ?? "no status")",
                hint: "traffic returns to the outgoing release; read the log, mend it and push again",
                evidence: await context.logTail(of: before.id),
            )
        }
    }

    private func probe(
        _ service: ServiceManifest,
        _ status: InstanceStatus,
        into probes: inout StabilityMeasure.Probes,
    ) async {
        probes.count += 1
        let health = service.health
        let request = ProbeRequest(port: status.port, path: health.path, timeout: health.timeout)
        do {
            let response = try await context.ports.prober.get(request)
            probes.durations.append(response.duration)
            guard
                let difference = Answer.difference(response, status: health.status, expect: health.expect)
            else { return }
            probes.failed += 1
            probes.last = "\(status.id) \(difference)"
        } catch {
            probes.failed += 1
            let failure = Failure.wrapping(error, doing: "probing \(status.id)")
            probes.last = failure.message + (failure.cause.map { " (\($0))" } ?? "")
        }
    }

    // MARK: Judgements

    private func judge(_ new: StabilityMeasure, isFinal: Bool) async throws {
        let (real, probes) = (new.real, new.probes)
        if new.worstErrorRate > budget.maxErrorRate, isFinal || new.failed >= Self.decisiveFailures {
            throw Failure(
                .gateFailed,
                "release \(name) failed \(real.failed) of \(real.served) requests and \(probes.failed) of \(probes.count) probes after the switch; the budget is \(StabilityMeasure.percent(budget.maxErrorRate))",
                hint:
                    "traffic returns to the outgoing release; read the log: opshub logs -e \(key.environment) --release \(name)",
                evidence: (probes.last.map { ["last failed probe: \($0)"] } ?? []) + (await logs()),
            )
        }
        guard isFinal, new.count < budget.minRequests else { return }
        throw Failure(
            .gateInconclusive,
            "\(new.count) requests in \(budget.longestWindow.briefly) are too few to judge release \(name); \(budget.minRequests) are needed",
            hint:
                "make stability.window or stability.max_window longer, or stability.min_requests smaller, in opshub.yml",
        )
    }

    /// By real requests where there were any, or else by the probes (Invariant 13: without data it would say nothing).
    private func judgeLatency(_ new: StabilityMeasure) async throws {
        guard let limit = budget.maxP99 else { return }
        guard let measured = new.p99 else {
            throw Failure(
                .gateInconclusive,
                "nothing can be said of the P99 of release \(name): no request and no probe was answered",
                hint:
                    "remove stability.max_p99 from opshub.yml, or mend what keeps the probes from their answers",
            )
        }
        guard measured.value > limit else { return }
        throw Failure(
            .gateFailed,
            "release \(name) has a P99 of \(measured.value.briefly) over \(measured.of); the budget is \(limit.briefly)",
            hint:
                "find what is slow in the access log, edge/log/current in OpsHub's home, or raise stability.max_p99",
            evidence: await logs(),
        )
    }

    private func judge(_ new: StabilityMeasure, against old: StabilityMeasure) async throws {
        let comparison = StabilityComparison(incoming: new, outgoing: old, minRequests: budget.minRequests)
        let rates = comparison.errorRates
        let evidence = ["\(name): \(new.inWords)", "the outgoing release: \(old.inWords)"]
        if let limit = budget.maxErrorIncrease, rates.incoming - rates.outgoing > limit {
            let (one, other) = (
                StabilityMeasure.percent(rates.incoming), StabilityMeasure.percent(rates.outgoing),
            )
            throw Failure(
                .gateFailed,
                "release \(name) fails \(one) of its \(rates.of), the outgoing one \(other); \(StabilityMeasure.percent(limit)) more is the budget",
                hint:
                    "traffic returns to the outgoing release; read the log: opshub logs -e \(key.environment) --release \(name)",
                evidence: evidence,
            )
        }
        guard let limit = budget.maxSlowdown else { return }
        guard let times = comparison.slowness else {
            throw Failure(
                .gateInconclusive,
                "release \(name) can't be compared with the outgoing one: no request and no probe of one of them was answered",
                hint:
                    "remove stability.max_slowdown from opshub.yml, or mend what keeps the probes from their answers",
                evidence: evidence,
            )
        }
        guard times.incoming > times.outgoing * (1 + limit) else { return }
        throw Failure(
            .gateFailed,
            "release \(name) has a P95 of \(times.incoming.briefly) over its \(times.of), the outgoing one \(times.outgoing.briefly); \(StabilityMeasure.percent(limit)) slower is the budget",
            hint:
                "find what is slow in the access log, edge/log/current in OpsHub's home, or raise stability.max_slowdown",
            evidence: evidence,
        )
    }

    private func logs() async -> [String] {
        var lines: [String] = []
        for (_, id) in context.instances { lines += await context.logTail(of: id, lines: 8) }
        return lines
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
