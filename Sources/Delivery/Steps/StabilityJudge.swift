// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

/// Holds what was seen of a release against its budget.
///
/// Each judgement throws `gate-failed` when the budget is passed, and `gate-inconclusive` when there is nothing to tell by
/// (Invariant 13).
struct StabilityJudge {
    let budget: StabilityManifest
    let release: ReleaseID
    let environment: EnvironmentName

    /// Failures that end the window early once the budget is passed; fewer may be a hiccup that the window absorbs.
    private static let decisiveFailures = 3

    /// Requests and probes that failed; before the end only what leaves no doubt.
    func checkErrors(_ new: StabilityMeasure, isFinal: Bool) throws {
        let (real, probes) = (new.real, new.probes)
        if let (instance, count) = probes.worstFlapping, count > budget.maxFlaps {
            throw Failure(
                .gateFailed,
                "\(instance) of \(release) stopped answering its health check and began again \(count) times; \(budget.maxFlaps) is the budget",
                hint: hint,
                evidence: lastFailure(probes),
            )
        }
        guard new.worstErrorRate > budget.maxErrorRate, isFinal || new.failed >= Self.decisiveFailures else {
            return
        }
        throw Failure(
            .gateFailed,
            "release \(release) failed \(real.failed) of \(real.served) requests and \(probes.failed) of \(probes.count) probes after the switch; the budget is \(StabilityMeasure.percent(budget.maxErrorRate))",
            hint: hint,
            evidence: lastFailure(probes),
        )
    }

    /// Everything that is known of the new release alone, once the window is over.
    ///
    /// `count` requests and probes are what it is judged by.
    func checkEnd(_ new: StabilityMeasure, counting count: Int, watched: Duration) throws {
        try checkErrors(new, isFinal: true)
        guard count >= budget.minRequests else {
            throw Failure(
                .gateInconclusive,
                "\(count) requests in \(watched.briefly) are too few to judge release \(release); \(budget.minRequests) are needed",
                hint:
                    "make stability.window or stability.max_window longer, or stability.min_requests smaller, in opshub.yml",
            )
        }
        try checkLatency(new)
        try checkMemory(new)
    }

    /// By real requests where there were any, or else by the probes.
    private func checkLatency(_ new: StabilityMeasure) throws {
        guard let limit = budget.maxP99 else { return }
        guard let measured = new.p99 else {
            throw Failure(
                .gateInconclusive,
                "nothing can be said of the P99 of release \(release): no request and no probe was answered",
                hint:
                    "remove stability.max_p99 from opshub.yml, or mend what keeps the probes from their answers",
            )
        }
        guard measured.value > limit else { return }
        throw Failure(
            .gateFailed,
            "release \(release) has a P99 of \(measured.value.briefly) over \(measured.of); the budget is \(limit.briefly)",
            hint:
                "find what is slow in the access log, edge/log/current in OpsHub's home, or raise stability.max_p99",
        )
    }

    private func checkMemory(_ new: StabilityMeasure) throws {
        guard let limit = budget.maxMemoryGrowth else { return }
        for (instance, memory) in new.memory.sorted(by: { $0.key < $1.key }) {
            guard let growth = memory.growth, let before = memory.before, let after = memory.after else {
                throw Failure(
                    .gateInconclusive,
                    "nothing can be said of the memory of \(instance) of \(release)",
                    hint: "remove stability.max_memory_growth from opshub.yml",
                )
            }
            guard growth > limit else { continue }
            throw Failure(
                .gateFailed,
                "\(instance) of \(release) has grown from \(before) to \(after) within the window; \(StabilityMeasure.percent(limit)) more is the budget",
                hint: "look for what it keeps, or raise stability.max_memory_growth",
            )
        }
    }

    /// The new release beside the outgoing one.
    func compare(_ new: StabilityMeasure, with old: StabilityMeasure) throws {
        let comparison = StabilityComparison(incoming: new, outgoing: old, minRequests: budget.minRequests)
        let rates = comparison.errorRates
        let evidence = [
            "\(release): \(new.evidence.inWords)", "the outgoing release: \(old.evidence.inWords)",
        ]
        if let limit = budget.maxErrorIncrease, rates.incoming - rates.outgoing > limit {
            let (one, other) = (
                StabilityMeasure.percent(rates.incoming), StabilityMeasure.percent(rates.outgoing),
            )
            throw Failure(
                .gateFailed,
                "release \(release) fails \(one) of its \(rates.of), the outgoing one \(other); \(StabilityMeasure.percent(limit)) more is the budget",
                hint: hint,
                evidence: evidence,
            )
        }
        guard let limit = budget.maxSlowdown else { return }
        guard let times = comparison.slowness else {
            throw Failure(
                .gateInconclusive,
                "release \(release) can't be compared with the outgoing one: no request and no probe of one of them was answered",
                hint:
                    "remove stability.max_slowdown from opshub.yml, or mend what keeps the probes from their answers",
                evidence: evidence,
            )
        }
        guard times.incoming > times.outgoing * (1 + limit) else { return }
        throw Failure(
            .gateFailed,
            "release \(release) has a P95 of \(times.incoming.briefly) over its \(times.of), the outgoing one \(times.outgoing.briefly); \(StabilityMeasure.percent(limit)) slower is the budget",
            hint:
                "find what is slow in the access log, edge/log/current in OpsHub's home, or raise stability.max_slowdown",
            evidence: evidence,
        )
    }

    private var hint: String {
        "traffic returns to the outgoing release; read the log: opshub logs -e \(environment) --release \(release)"
    }

    private func lastFailure(_ probes: StabilityMeasure.Probes) -> [String] {
        probes.last.map { ["last failed probe: \($0)"] } ?? []
    }
}
