// SPDX-License-Identifier: Apache-2.0

/// The keys of `health:`.
enum HealthKeys {
    private static let standard = HealthCheckManifest()

    /// The key `path:`.
    static let path = ManifestKey(
        "path",
        .requestPath,
        "What is asked for. `/health`, or `/` for a static service.",
    )
    /// The key `status:`.
    static let status = StandardKey(
        "status",
        .integer("a status", in: 200...599),
        "The status that a healthy instance answers.",
        standard: standard.status,
    )
    /// The key `expect:`.
    static let expect = ManifestKey(
        "expect",
        .expectedMembers,
        "Top-level members that the JSON body must have, with these values.",
    )
    /// The key `interval:`.
    static let interval = StandardKey(
        "interval",
        .duration,
        "Time between two probes of one instance.",
        standard: standard.interval,
    )
    /// The key `timeout:`.
    static let timeout = StandardKey(
        "timeout",
        .duration,
        "How long one answer may take.",
        standard: standard.timeout,
    )
    /// The key `within:`.
    static let within = StandardKey(
        "within",
        .duration,
        "How long an instance has to become healthy.",
        standard: standard.within,
    )
    /// The key `successes:`.
    static let successes = StandardKey(
        "successes",
        .integer(in: 1...100),
        "How many good answers in a row make an instance healthy.",
        standard: standard.successes,
    )

    /// All of them.
    static let table = KeyTable(
        expected: "a path such as /health, or keys with values such as { path: /health, status: 200 }",
        keys: [
            path.description, status.description, expect.description, interval.description,
            timeout.description,
            within.description, successes.description,
        ],
        synonyms: ["url": "path", "retries": "successes", "start_period": "within", "body": "expect"],
    )

    /// A health check, or just its path.
    static func shape(defaultPath: String) -> ValueShape<HealthCheckManifest> {
        .either(
            ValueShape<String>.requestPath.map { HealthCheckManifest(path: $0) },
            or: .mapping(table) { fields in
                HealthCheckManifest(
                    path: fields.value(path) ?? defaultPath,
                    status: fields.value(status),
                    expect: fields.value(expect) ?? [:],
                    interval: fields.value(interval),
                    timeout: fields.value(timeout),
                    within: fields.value(within),
                    successes: fields.value(successes),
                )
            },
        )
    }
}

extension ValueShape where Value == [String: String] {
    /// `expect:` of a health check or request.
    static let expectedMembers = dictionary(
        of: .words("a text, number or truth value"),
        keys: .members,
        expected: "members with values, such as { status: healthy }",
    )

    /// `env:` of a service or environment.
    static let variables = dictionary(
        of: .words("a text, number or truth value; write \"\" for an empty one"),
        keys: .variables,
        expected: "variables with values, such as { LOG_LEVEL: info }",
    )
}
