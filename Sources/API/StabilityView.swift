// SPDX-License-Identifier: Apache-2.0

/// What a stability gate has seen, as the API shows it.
public struct StabilityView: Codable, Sendable, Hashable {
    /// One release.
    public struct Measured: Codable, Sendable, Hashable {
        /// Real requests that it answered.
        public var requests: Int
        /// Of those: 5xx, and those that got no answer.
        public var failed: Int
        /// Requests to its health checks.
        public var probes: Int
        /// Of those: the ones that failed.
        public var failedProbes: Int
        /// Latency of its requests in milliseconds, by percentile (`p50`, `p95`, `p99`); absent when there was none.
        public var milliseconds: [String: Double]?
        /// P95 of its probes in milliseconds; absent when none was answered.
        public var probeP95Milliseconds: Double?
        /// How often an instance stopped answering its health check and began again.
        public var flaps: Int
        /// Resident memory of its instances.
        public var memory: [Memory]

        /// Describes what was seen of a release.
        public init(
            requests: Int,
            failed: Int,
            probes: Int,
            failedProbes: Int,
            milliseconds: [String: Double]?,
            probeP95Milliseconds: Double?,
            flaps: Int,
            memory: [Memory],
        ) {
            self.requests = requests
            self.failed = failed
            self.probes = probes
            self.failedProbes = failedProbes
            self.milliseconds = milliseconds
            self.probeP95Milliseconds = probeP95Milliseconds
            self.flaps = flaps
            self.memory = memory
        }
    }

    /// One instance's memory, in bytes.
    public struct Memory: Codable, Sendable, Hashable {
        /// `web.1`.
        public var instance: String
        /// At the beginning of the window.
        public var before: Int64?
        /// At its end.
        public var after: Int64?

        /// Describes an instance's memory.
        public init(instance: String, before: Int64?, after: Int64?) {
            self.instance = instance
            self.before = before
            self.after = after
        }
    }

    /// How long it was watched, in seconds.
    public var seconds: Double
    /// The release that shall serve.
    public var incoming: Measured
    /// The one that served before; absent when the two are not compared.
    public var outgoing: Measured?

    /// Describes what was seen.
    public init(seconds: Double, incoming: Measured, outgoing: Measured?) {
        self.seconds = seconds
        self.incoming = incoming
        self.outgoing = outgoing
    }
}
