// SPDX-License-Identifier: Apache-2.0
import Core

/// What was seen of one release while it was watched.
struct StabilityMeasure {
    /// Real requests, as the edge counted them.
    var real = TrafficCounters.Totals()
    /// Their latency; nil when the edge recorded none.
    var latency: LatencySummary?
    /// Our own requests to its health checks.
    var probes = Probes()
    /// What its instances use, by `service.replica`.
    var memory: [String: Memory] = [:]

    /// One instance's resident memory.
    struct Memory {
        /// At the beginning of the window.
        var before: ByteCount?
        /// At its end.
        var after: ByteCount?

        /// By which part it has grown, never below 0; nil when one of the two is not known.
        var growth: Double? {
            guard let before, let after, before.bytes > 0 else { return nil }
            return max(0, Double(after.bytes) / Double(before.bytes) - 1)
        }
    }

    /// Our own requests.
    struct Probes {
        var count = 0
        var failed = 0
        /// What was wrong with the last one that failed.
        var last: String?
        /// Of those that were answered.
        var durations: [Duration] = []
        /// Instances whose last probe failed.
        private var ill: Set<String> = []
        /// How often each one came back from that.
        private var flaps: [String: Int] = [:]

        /// Notes one; `difference` is what was wrong with it.
        mutating func add(_ duration: Duration?, _ difference: String?, from instance: String) {
            count += 1
            if let duration { durations.append(duration) }
            if let difference {
                failed += 1
                last = difference
                ill.insert(instance)
            } else if ill.remove(instance) != nil {
                flaps[instance, default: 0] += 1
            }
        }

        /// The instance that came back most often, and how often; nil when none did.
        var worstFlapping: (instance: String, count: Int)? {
            flaps.max { ($0.value, $1.key) < ($1.value, $0.key) }.map { ($0.key, $0.value) }
        }

        /// How often all of them did.
        var allFlaps: Int { flaps.values.reduce(0, +) }

        /// Nearest rank: the smallest time that so many of 100 do not pass; nil without any.
        func percentile(_ rank: Int) -> Duration? {
            let sorted = durations.sorted()
            let index = (Double(rank) / 100 * Double(sorted.count)).rounded(.up)
            return sorted.isEmpty ? nil : sorted[max(0, Int(index) - 1)]
        }

        var errorRate: Double { count > 0 ? Double(failed) / Double(count) : 0 }
    }

    /// Requests and probes together.
    var count: Int { real.served + probes.count }

    /// Of those, the ones that failed.
    var failed: Int { real.failed + probes.failed }

    /// The worst of all shares: many probes must not hide failing requests, nor the other way round.
    var worstErrorRate: Double {
        max(real.errorRate ?? 0, probes.errorRate, count > 0 ? Double(failed) / Double(count) : 0)
    }

    /// The P99 and what it is that of: requests, or, since nobody asked, probes.
    var p99: (value: Duration, of: String)? {
        if let latency { return (latency.p99, "\(latency.count) requests") }
        return probes.percentile(99).map { ($0, "\(probes.count) probes, since nobody asked") }
    }

    /// As it is kept.
    var evidence: StabilityEvidence.Measured {
        StabilityEvidence.Measured(
            requests: real.served,
            failed: real.failed,
            probes: probes.count,
            failedProbes: probes.failed,
            latency: latency,
            probeP95: probes.percentile(95),
            flaps: probes.allFlaps,
            memory: memory.sorted { $0.key < $1.key }
                .map { .init(instance: $0.key, before: $0.value.before, after: $0.value.after) },
        )
    }

    static func percent(_ share: Double) -> String {
        let hundredths = Int((share * 10_000).rounded())
        let decimals = hundredths % 100
        return "\(hundredths / 100)" + (decimals == 0 ? "" : ".\(decimals < 10 ? "0" : "")\(decimals)") + "%"
    }
}

/// The new release beside the outgoing one, both measured the same way.
struct StabilityComparison {
    let incoming: StabilityMeasure
    let outgoing: StabilityMeasure
    /// How many of both make a comparison of real requests.
    let minRequests: Int

    private var areBothAsked: Bool {
        min(incoming.real.served, outgoing.real.served) >= minRequests
    }

    /// Shares of failed requests, or, where one of them had too few, of failed probes.
    var errorRates: (incoming: Double, outgoing: Double, of: String) {
        areBothAsked
            ? (incoming.real.errorRate ?? 0, outgoing.real.errorRate ?? 0, "requests")
            : (incoming.probes.errorRate, outgoing.probes.errorRate, "probes")
    }

    /// P95 of requests, or, where one of them had too few, of probes; nil when nothing was answered.
    var slowness: (incoming: Duration, outgoing: Duration, of: String)? {
        if let one = incoming.latency, let other = outgoing.latency,
            min(one.count, other.count) >= minRequests
        {
            return (one.p95, other.p95, "requests")
        }
        guard let one = incoming.probes.percentile(95), let other = outgoing.probes.percentile(95) else {
            return nil
        }
        return (one, other, "probes")
    }
}
