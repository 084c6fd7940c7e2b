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

    /// Brings data back: complete and compared before anything that serves is touched; with a last backup of what they
    /// replace, while nobody can write.
    public static let restoring: [Step] = [.restore, .shut, .backup, .exchange, .restart, .health]

    /// Brings migrations, or takes some back, under a release that goes on serving: after a copy that was proven.
    public static func changing(_ direction: SchemaChange.Direction) -> [Step] {
        [.backup, .drill, direction == .up ? .migrate : .revert, .health]
    }

    /// The course of a deployment whose plan is known.
    ///
    /// - Parameters:
    ///   - needsApproval: Whether a person must say yes.
    ///   - backsUp: Whether a backup is taken and drilled first.
    ///   - migration: When pending migrations run, or some are taken back; nil when there are none.
    ///   - reverts: Whether they are taken back.
    ///   - closes: Whether nobody is served from before they run until the switch.
    ///   - movement: How traffic moves, to its end; see ``movement(in:replicas:hasOutgoing:)``.
    ///   - hasOutgoing: Whether a release serves already.
    ///   - isWarm: Whether the release's instances still run, so that they are only asked for their health.
    public init(
        needsApproval: Bool,
        backsUp: Bool,
        migration: MigrationsManifest.Moment?,
        reverts: Bool = false,
        closes: Bool = false,
        movement: [Step],
        hasOutgoing: Bool,
        isWarm: Bool,
    ) {
        var steps = isWarm ? Self.untilPlannedWhenWarm : Self.untilPlanned
        if needsApproval { steps.append(.approval) }
        // Invariant 4: nothing changes a schema before a copy was proven.
        if backsUp || migration != nil { steps += [.backup, .drill] }
        // In maintenance nobody asks what serves while the schema changes, nor after it.
        let change: [Step] = (closes ? [.close, .drain] : []) + [reverts ? .revert : .migrate]
        if migration == .beforeStart { steps += change }
        if !isWarm { steps.append(.start) }
        steps.append(.health)
        if migration == .afterHealth { steps += change + [.healthAfterMigration] }
        steps.append(.smoke)
        steps += movement
        if hasOutgoing, !closes { steps.append(.drain) }
        steps += [.stability, .external]
        self.steps = steps
    }

    /// How traffic moves to the new release: the strategy as steps, the last one a shift to 100%.
    ///
    /// Blue-green moves everything at once, rolling as many parts as there are replicas, a canary its steps, with a gate after
    /// each but the last, which the stability gate follows. Without a release that serves there is nothing to share with.
    public static func movement(
        in environment: EnvironmentManifest,
        replicas: Int,
        hasOutgoing: Bool,
    ) -> [Step] {
        guard hasOutgoing else { return [.shift(percent: 100)] }
        return switch environment.strategy {
        case .blueGreen: [.shift(percent: 100)]
        case .rolling: (1...max(1, replicas)).map { .shift(percent: 100 * $0 / max(1, replicas)) }
        case .canary:
            environment.canary.steps.flatMap { percent in
                percent < 100
                    ? [.shift(percent: percent), .canary(percent: percent)] : [.shift(percent: percent)]
            }
        }
    }
}
