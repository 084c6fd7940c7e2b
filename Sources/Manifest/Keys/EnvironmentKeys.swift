// SPDX-License-Identifier: Apache-2.0
import Core

/// The keys of an environment.
enum EnvironmentKeys {
    private static let standard = EnvironmentManifest(name: EnvironmentName("any"))

    /// The key `compose:`.
    static let compose = ManifestKey(
        "compose",
        ComposeKeys.shape,
        "Compose files of this environment, in place of the project's.",
    )
    /// The key `branch:`.
    static let branch = ManifestKey(
        "branch",
        .branch,
        "A push to this branch deploys here. Without it only `opshub deploy` does.",
    )
    /// The key `domain:`.
    static let domain = ManifestKey("domain", .hostName, "The host name that the environment answers.")
    /// The key `strategy:`.
    static let strategy = ManifestKey<EnvironmentManifest.Strategy>(
        "strategy",
        .choice(),
        "How traffic moves to a new release. `blue-green` for the environment `production`, `rolling` for others.",
    )
    /// The key `canary:`.
    static let canary = ManifestKey(
        "canary",
        CanaryKeys.shape,
        "How the share of the new release grows when the strategy is `canary`.",
    )
    /// The key `approval:`.
    static let approval = ManifestKey(
        "approval",
        ApprovalKeys.shape(isProduction: false),
        "Whether a person must say yes before a deployment.",
    )
    /// The key `ports:`.
    static let ports = ManifestKey<[String: Int]>(
        "ports",
        .dictionary(
            of: .integer("a port", in: 1...65535),
            keys: .references,
            expected: "services and accessories with ports, such as { backend: 8000 }",
        ),
        "Stable local ports, by service or accessory. OpsHub chooses a free one for each that is not said.",
    )
    /// The key `replicas:`.
    static let replicas = ManifestKey<[String: Int]>(
        "replicas",
        .dictionary(
            of: .integer(in: 1...32),
            keys: .references,
            expected: "services with numbers, such as { backend: 2 }",
        ),
        "Numbers of instances that differ from the services' own.",
    )
    /// The key `env:`.
    static let env = ManifestKey("env", .variables, "Variables on top of the services' own. No secrets.")
    /// The key `stability:`.
    static let stability = ManifestKey(
        "stability",
        StabilityKeys.shape,
        "What traffic must look like after the switch.",
    )
    /// The key `smoke:`.
    static let smoke = ManifestKey(
        "smoke",
        SmokeKeys.shape,
        "Requests that a new release must answer before the switch.",
    )
    /// The key `external:`.
    static let external = ManifestKey(
        "external",
        SmokeKeys.shape,
        "Requests through the public address after the switch. When nothing is said: each route, whose answer must be below 500.",
    )
    /// The key `backup:`.
    static let backup = ManifestKey(
        "backup",
        BackupKeys.shape,
        "When backups are taken and how long they are kept.",
    )
    /// The key `releases:`.
    static let releases = ManifestKey(
        "releases",
        ReleasesKeys.shape,
        "How many builds are kept on the disk for rollbacks.",
    )
    /// The key `heal:`.
    static let heal = ManifestKey<[DriftKind]>(
        "heal",
        .list(of: .choice(), expected: "a list of services, routes, files and variables, or []"),
        "What OpsHub puts right by itself when somebody has changed it by hand: `services` and `routes` in place, `files` and `variables` by a new deployment of the same commit. [services, routes] when not said.",
    )
    /// The key `refuse_migrations:`.
    static let refuseMigrations = ManifestKey<[MigrationHazard]>(
        "refuse_migrations",
        .list(
            of: .choice(),
            expected:
                "a list of may-fail, breaks-queries, breaks-code, breaks-release, loses-data, blocks-reads, blocks-writes, fails-verification, irreversible and unknown, or []",
        ),
        "What no pending migration may do, by its rehearsal: a deployment that brings one ends before anything is changed. `fails-verification` and `irreversible` have every migration applied from nothing first, and each pending one taken down and up again. `breaks-queries` (recorded queries of the release that serves fail) is always among them, but for [], which lets everything through; `breaks-code` (its code, or the database's, names what is gone) when nothing is said.",
    )
    /// The key `maintenance:`.
    static let maintenance = ManifestKey<EnvironmentManifest.Maintenance>(
        "maintenance",
        .choice(),
        "For which migrations nobody is served, from before they run until the switch: `breaking` for those that break what serves, by their rehearsal; `migrations` for all; `never` when not said. Each must say how it is taken back then, unless `refuse_migrations: []`.",
    )
    /// The key `drain_timeout:`.
    static let drainTimeout = StandardKey(
        "drain_timeout",
        .durationOrZero,
        "How long requests in flight have to end after the switch.",
        standard: standard.drainTimeout,
    )
    /// The key `keep_warm:`.
    static let keepWarm = StandardKey(
        "keep_warm",
        .durationOrZero,
        "How long the outgoing release keeps running without traffic, so that going back takes no time.",
        standard: standard.keepWarm,
    )
}
