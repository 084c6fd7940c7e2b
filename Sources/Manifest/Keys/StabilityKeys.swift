// SPDX-License-Identifier: Apache-2.0

/// The keys of `stability:`.
enum StabilityKeys {
    private static let standard = StabilityManifest()

    /// The key `window:`.
    static let window = StandardKey(
        "window",
        .duration,
        "How long traffic is watched after the switch.",
        standard: standard.window,
    )
    /// The key `max_window:`.
    static let maxWindow = ManifestKey(
        "max_window",
        .duration,
        "How long traffic is watched at most when there is too little to judge by. Three windows when it is not said.",
    )
    /// The key `max_error_rate:`.
    static let maxErrorRate = StandardKey(
        "max_error_rate",
        .share,
        "The share of requests that may fail: lost connections and statuses from 500.",
        standard: standard.maxErrorRate,
    )
    /// The key `max_p99:`.
    static let maxP99 = ManifestKey(
        "max_p99",
        .duration,
        "The time that 99 of 100 requests may take at most. Not looked at when it is not said.",
    )
    /// The key `max_error_increase:`.
    static let maxErrorIncrease = ManifestKey(
        "max_error_increase",
        .share,
        "By how much the share of failed requests may pass that of the outgoing release. Not compared when it is not said.",
    )
    /// The key `max_slowdown:`.
    static let maxSlowdown = ManifestKey(
        "max_slowdown",
        .share,
        "How much longer the P95 may be than the outgoing release's: 50% is half as long again. Not compared when it is not said.",
    )
    /// The key `min_requests:`.
    static let minRequests = StandardKey(
        "min_requests",
        .integer(in: 1...1_000_000),
        "How many requests, real or probes, make a judgement. Fewer are inconclusive.",
        standard: standard.minRequests,
    )

    /// The key `max_flaps:`.
    static let maxFlaps = StandardKey(
        "max_flaps",
        .integer(in: 0...1_000_000),
        "How often an instance may stop answering its health check and begin again.",
        standard: standard.maxFlaps,
    )
    /// The key `max_memory_growth:`.
    static let maxMemoryGrowth = ManifestKey(
        "max_memory_growth",
        .share,
        "By how much an instance's memory may grow within the window: 50% is half as much again. Not looked at when it is not said.",
    )
    /// The key `inconclusive:`.
    static let inconclusive = StandardKey<StabilityManifest.Inconclusive>(
        "inconclusive",
        .choice(),
        "What becomes of a release of which too little was seen: traffic returns (undo), or a person decides (ask).",
        standard: standard.inconclusive,
    )

    /// All of them.
    static let table = KeyTable(
        expected: "keys with values, such as { window: 30s }",
        keys: [
            window.description, maxWindow.description, maxErrorRate.description, maxP99.description,
            maxErrorIncrease.description, maxSlowdown.description, minRequests.description,
            maxFlaps.description, maxMemoryGrowth.description, inconclusive.description,
        ],
        synonyms: [
            "max_errors": "max_error_rate", "error_rate": "max_error_rate", "p99": "max_p99",
            "duration": "window",
        ],
    )

    /// A budget.
    static let shape = ValueShape<StabilityManifest>
        .mapping(table) { fields in
            StabilityManifest(
                window: fields.value(window),
                maxWindow: fields.value(maxWindow),
                maxErrorRate: fields.value(maxErrorRate),
                maxP99: fields.value(maxP99),
                maxErrorIncrease: fields.value(maxErrorIncrease),
                maxSlowdown: fields.value(maxSlowdown),
                minRequests: fields.value(minRequests),
                maxFlaps: fields.value(maxFlaps),
                maxMemoryGrowth: fields.value(maxMemoryGrowth),
                inconclusive: fields.value(inconclusive),
            )
        }
}
