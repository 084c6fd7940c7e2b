// SPDX-License-Identifier: Apache-2.0
public import Manifest

/// The steps of one deployment, in order: the strategy as data.
public struct Course: Hashable, Sendable, Codable {
    /// Everything from preflight to the external check.
    public let steps: [Step]

    /// What every deployment does before its plan is known.
    public static let untilPlanned: [Step] = [.preflight, .build, .test, .plan]

    /// A rollback to a release whose instances still run has nothing to build.
    public static let untilPlannedWhenWarm: [Step] = [.preflight, .plan]

    /// The course of a deployment whose plan is known.
    ///
    /// - Parameters:
    ///   - needsApproval: Whether a person must say yes.
    ///   - backsUp: Whether a backup is taken and drilled first.
    ///   - migration: When pending migrations run; nil when there are none.
    ///   - percentages: Shares of traffic that the new release gets, growing, the last one 100.
    ///   - hasOutgoing: Whether a release serves already.
    ///   - isWarm: Whether the release's instances still run, so that they are only asked for their health.
    public init(
        needsApproval: Bool,
        backsUp: Bool,
        migration: MigrationsManifest.Moment?,
        percentages: [Int],
        hasOutgoing: Bool,
        isWarm: Bool,
    ) {
        var steps = isWarm ? Self.untilPlannedWhenWarm : Self.untilPlanned
        if needsApproval { steps.append(.approval) }
        // Invariant 4: nothing changes a schema before a copy was proven.
        if backsUp || migration != nil { steps += [.backup, .drill] }
        if migration == .beforeStart { steps.append(.migrate) }
        if !isWarm { steps.append(.start) }
        steps.append(.health)
        if migration == .afterHealth { steps += [.migrate, .healthAfterMigration] }
        steps.append(.smoke)
        steps += percentages.map { .shift(percent: $0) }
        if hasOutgoing { steps.append(.drain) }
        steps += [.stability, .external]
        self.steps = steps
    }

    /// The shares that the new release gets, one after another.
    ///
    /// Rolling moves as many parts as there are replicas; blue-green moves everything at once.
    public static func percentages(of strategy: EnvironmentManifest.Strategy, replicas: Int) -> [Int] {
        switch strategy {
        case .blueGreen: [100]
        case .rolling: (1...max(1, replicas)).map { 100 * $0 / max(1, replicas) }
        }
    }
}
