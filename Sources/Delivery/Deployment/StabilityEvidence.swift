// SPDX-License-Identifier: Apache-2.0
public import Core

/// What a stability gate has seen, as it is kept with the deployment.
public struct StabilityEvidence: Sendable, Hashable, Codable {
    /// One release.
    public struct Measured: Sendable, Hashable, Codable {
        /// Real requests that it answered.
        public var requests: Int
        /// Of those: 5xx, and those that got no answer.
        public var failed: Int
        /// Our own requests to its health checks.
        public var probes: Int
        /// Of those: the ones that failed.
        public var failedProbes: Int
        /// Latency of its requests; nil when the edge recorded none.
        public var latency: LatencySummary?
        /// P95 of its probes; nil when none was answered.
        public var probeP95: Duration?
        /// How often an instance stopped answering its health check and began again.
        public var flaps: Int
        /// What its instances use.
        public var memory: [Memory]

        /// Describes what was seen of a release.
        public init(
            requests: Int,
            failed: Int,
            probes: Int,
            failedProbes: Int,
            latency: LatencySummary? = nil,
            probeP95: Duration? = nil,
            flaps: Int = 0,
            memory: [Memory] = [],
        ) {
            self.requests = requests
            self.failed = failed
            self.probes = probes
            self.failedProbes = failedProbes
            self.latency = latency
            self.probeP95 = probeP95
            self.flaps = flaps
            self.memory = memory
        }
    }

    /// One instance's resident memory.
    public struct Memory: Sendable, Hashable, Codable {
        /// `web.1`.
        public var instance: String
        /// At the beginning of the window; nil when it could not be seen.
        public var before: ByteCount?
        /// At its end; nil when it could not be seen.
        public var after: ByteCount?

        /// Describes an instance's memory.
        public init(instance: String, before: ByteCount?, after: ByteCount?) {
            self.instance = instance
            self.before = before
            self.after = after
        }
    }

    /// How long it was watched.
    public var window: Duration
    /// The release that shall serve.
    public var incoming: Measured
    /// The one that served before; nil when the two are not compared.
    public var outgoing: Measured?

    /// Describes what was seen.
    public init(window: Duration, incoming: Measured, outgoing: Measured? = nil) {
        self.window = window
        self.incoming = incoming
        self.outgoing = outgoing
    }
}

extension StabilityEvidence.Measured {
    /// `120 requests, 0.5% failed; 40 probes, 0 failed; P50 2ms, P95 9ms, P99 20ms; web.1 80.0 MiB → 81.2 MiB`.
    public var inWords: String {
        let share =
            requests > 0 ? ", \(StabilityMeasure.percent(Double(failed) / Double(requests))) failed" : ""
        var parts = ["\(requests) requests\(share)", "\(probes) probes, \(failedProbes) failed"]
        if let latency {
            parts.append(
                "P50 \(latency.p50.briefly), P95 \(latency.p95.briefly), P99 \(latency.p99.briefly)"
            )
        }
        if flaps > 0 { parts.append("\(flaps) flaps") }
        parts += memory.compactMap { memory in
            guard let before = memory.before, let after = memory.after else { return nil }
            return "\(memory.instance) \(before) → \(after)"
        }
        return parts.joined(separator: "; ")
    }
}
