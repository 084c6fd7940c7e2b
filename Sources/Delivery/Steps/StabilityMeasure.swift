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

    /// Our own requests.
    struct Probes {
        var count = 0
        var failed = 0
        /// What was wrong with the last one that failed.
        var last: String?
        /// Of those that were answered.
        var durations: [Duration] = []

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

    /// `120 requests, 0.5% failed; 40 probes, 0 failed`.
    var inWords: String {
        let share = real.errorRate.map { ", \(Self.percent($0)) failed" } ?? ""
        let times = latency.map {
            "; P50 \($0.p50.briefly), P95 \($0.p95.briefly), P99 \($0.p99.briefly)"
        }
        return
            "\(real.served) requests\(share); \(probes.count) probes, \(probes.failed) failed\(times ?? "")"
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
