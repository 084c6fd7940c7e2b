// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

/// Gate: after the switch, real traffic and probes keep their budget for the whole window.
struct StabilityGate {
    let context: StepContext
    /// The stability gate, or a canary's at its share.
    let step: Step

    /// Failures that end the window early once the budget is passed; fewer may be a hiccup that the window absorbs.
    private static let decisiveFailures = 3

    private struct Probes {
        var count = 0
        var failed = 0
        var last: String?
        var durations: [Duration] = []

        /// Nearest rank: the smallest time that 99 of 100 do not pass; nil without any.
        var p99: Duration? {
            let sorted = durations.sorted()
            return sorted.isEmpty ? nil : sorted[Int((0.99 * Double(sorted.count)).rounded(.up)) - 1]
        }
    }

    func perform() async throws -> StepResult {
        let (ports, time, budget) = (context.ports, context.ports.time, context.environment.stability)
        let baseline = try await ports.router.counters(of: context.key)
        let running = try await context.running()
        let (begin, since) = (time.uptime, time.now)
        // However short the window is, the probes alone are enough to judge by.
        let pause = min(
            .milliseconds(500),
            budget.window / (budget.minRequests + budget.minRequests / 2 + 1),
        )
        var probes = Probes()
        var real = TrafficCounters.Totals()
        repeat {
            try await time.sleep(for: pause)
            try await checkRestarts(running)
            for (service, status) in running { await probe(service, status, into: &probes) }
            real = try await ports.router.counters(of: context.key).since(baseline)[context.slot] ?? real
            try await judge(real, probes, isFinal: false)
        } while time.uptime - begin < budget.window
        try await judge(real, probes, isFinal: true)
        try await judgeLatency(probes, since: since)
        let share = real.errorRate.map { ", \(Self.percent($0)) failed" } ?? ""
        await context.tell(
            .note(
                step,
                "\(real.served) requests\(share); \(probes.count) probes, \(probes.failed) failed",
            )
        )
        return .done
    }

    private func checkRestarts(_ running: [(service: ServiceManifest, status: InstanceStatus)]) async throws {
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

    private func probe(_ service: ServiceManifest, _ status: InstanceStatus, into probes: inout Probes) async
    {
        probes.count += 1
        let request = ProbeRequest(
            port: status.port,
            path: service.health.path,
            timeout: service.health.timeout,
        )
        do {
            let response = try await context.ports.prober.get(request)
            probes.durations.append(response.duration)
            guard
                let difference = Answer.difference(
                    response,
                    status: service.health.status,
                    expect: service.health.expect,
                )
            else { return }
            probes.failed += 1
            probes.last = "\(status.id) \(difference)"
        } catch {
            probes.failed += 1
            let failure = Failure.wrapping(error, doing: "probing \(status.id)")
            probes.last = failure.message + (failure.cause.map { " (\($0))" } ?? "")
        }
    }

    private func judge(_ real: TrafficCounters.Totals, _ probes: Probes, isFinal: Bool) async throws {
        let budget = context.environment.stability
        let (count, failed) = (real.served + probes.count, real.failed + probes.failed)
        let rate = count > 0 ? Double(failed) / Double(count) : 0
        // Each kind has its own budget: many probes must not hide failing requests, nor the other way round.
        let worst = max(
            real.errorRate ?? 0,
            probes.count > 0 ? Double(probes.failed) / Double(probes.count) : 0,
            rate,
        )
        if worst > budget.maxErrorRate, isFinal || failed >= Self.decisiveFailures {
            throw Failure(
                .gateFailed,
                "release \(context.release.id) failed \(real.failed) of \(real.served) requests and \(probes.failed) of \(probes.count) probes after the switch; the budget is \(Self.percent(budget.maxErrorRate))",
                hint:
                    "traffic returns to the outgoing release; read the log: opshub logs -e \(context.key.environment) --release \(context.release.id)",
                evidence: (probes.last.map { ["last failed probe: \($0)"] } ?? []) + (await evidence()),
            )
        }
        guard isFinal, count < budget.minRequests else { return }
        throw Failure(
            .gateInconclusive,
            "\(count) requests in \(budget.window.briefly) are too few to judge release \(context.release.id); \(budget.minRequests) are needed",
            hint: "make stability.window longer or stability.min_requests smaller in opshub.yml",
        )
    }

    /// By real requests where there were any, or else by the probes (Invariant 13: without data it would say nothing).
    private func judgeLatency(_ probes: Probes, since begin: Date) async throws {
        let latency = try await context.ports.router.latency(of: context.slot, in: context.key, since: begin)
        if let latency {
            let (p50, p95, p99) = (latency.p50.briefly, latency.p95.briefly, latency.p99.briefly)
            await context.tell(.note(step, "P50 \(p50), P95 \(p95), P99 \(p99)"))
        }
        guard let limit = context.environment.stability.maxP99 else { return }
        let measured = latency?.p99 ?? probes.p99
        let what = latency.map { "\($0.count) requests" } ?? "\(probes.count) probes, since nobody asked"
        guard let measured else {
            throw Failure(
                .gateInconclusive,
                "nothing can be said of the P99 of release \(context.release.id): no request and no probe was answered",
                hint:
                    "remove stability.max_p99 from opshub.yml, or mend what keeps the probes from their answers",
            )
        }
        guard measured > limit else { return }
        throw Failure(
            .gateFailed,
            "release \(context.release.id) has a P99 of \(measured.briefly) over \(what); the budget is \(limit.briefly)",
            hint:
                "find what is slow in the access log, edge/log/current in OpsHub's home, or raise stability.max_p99",
            evidence: await evidence(),
        )
    }

    private func evidence() async -> [String] {
        var lines: [String] = []
        for (_, id) in context.instances { lines += await context.logTail(of: id, lines: 8) }
        return lines
    }

    private static func percent(_ share: Double) -> String {
        let hundredths = Int((share * 10_000).rounded())
        let decimals = hundredths % 100
        return "\(hundredths / 100)" + (decimals == 0 ? "" : ".\(decimals < 10 ? "0" : "")\(decimals)") + "%"
    }
}
