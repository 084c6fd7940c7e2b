// SPDX-License-Identifier: Apache-2.0
public import Core

/// Runs a team's own build, test and migration commands, never as root.
public protocol BuildRunner: Sendable {
    /// Hands a fresh checkout over to the account that builds in this environment. Idempotent.
    func prepare(_ folder: String, of environment: EnvironmentKey) async throws

    /// Runs one command line and hands over each line that it writes.
    ///
    /// - Throws: `build-failed` with the end of the output when it returns something other than 0,
    ///   `deadline-exceeded` when its time ran out; everything it started has ended by then, as it has on cancellation.
    func run(_ command: BuildCommand, onLine: @Sendable @escaping (String) async -> Void) async throws

    /// Removes what a build that failed has left. Idempotent.
    func discard(_ folder: String, of environment: EnvironmentKey) async throws

    /// Makes a built release unchangeable for the account that runs it. Idempotent.
    ///
    /// - Returns: What its files take on the disk.
    func seal(_ folder: String, of environment: EnvironmentKey) async throws -> ByteCount

    /// What was changed in a release's folder since it was sealed, sentence by sentence; empty when nothing was.
    func alterations(of folder: String) async throws -> [String]
}

/// One command line of a team.
public struct BuildCommand: Sendable, Hashable {
    /// The environment whose account runs it.
    public var environment: EnvironmentKey
    /// For `/bin/sh -c`.
    public var line: String
    /// Where it runs, absolute.
    public var directory: String
    /// Its variables; nothing else of the control plane's own reaches it but `PATH`.
    public var variables: [String: Secret]
    /// How long it may take.
    public var timeout: Duration
    /// Whether it waits while the machine has as many builds as it should; what production waits for does not.
    public var takesTurns: Bool

    /// Describes a command.
    public init(
        environment: EnvironmentKey,
        line: String,
        directory: String,
        variables: [String: Secret] = [:],
        timeout: Duration,
        takesTurns: Bool = false,
    ) {
        self.environment = environment
        self.line = line
        self.directory = directory
        self.variables = variables
        self.timeout = timeout
        self.takesTurns = takesTurns
    }
}
