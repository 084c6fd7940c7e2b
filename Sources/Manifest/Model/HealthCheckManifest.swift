// SPDX-License-Identifier: Apache-2.0

/// `health:` of a service.
public struct HealthCheckManifest: Hashable, Sendable, Codable {
    /// What is asked for; `/health` by default, `/` for a static service.
    public var path: String
    /// The status that a healthy instance answers; 200 by default.
    public var status: Int
    /// Top-level members that the JSON body must have, with these values as text.
    ///
    /// Empty: the body is not looked at.
    public var expect: [String: String]
    /// Between two probes of one instance; 250 ms by default.
    public var interval: Duration
    /// How long one answer may take; 5 s by default.
    public var timeout: Duration
    /// How long an instance has to become healthy; 60 s by default.
    public var within: Duration
    /// How many good answers in a row make it healthy; 2 by default.
    public var successes: Int
    /// Whether every answer below 500 will do, for one of which nothing is known; nil for no.
    public var takesAnyAnswer: Bool?

    /// Describes a health check.
    public init(
        path: String = "/health",
        status: Int = 200,
        expect: [String: String] = [:],
        interval: Duration = .milliseconds(250),
        timeout: Duration = .seconds(5),
        within: Duration = .seconds(60),
        successes: Int = 2,
        takesAnyAnswer: Bool? = nil,
    ) {
        self.path = path
        self.status = status
        self.expect = expect
        self.interval = interval
        self.timeout = timeout
        self.within = within
        self.successes = successes
        self.takesAnyAnswer = takesAnyAnswer
    }
}
