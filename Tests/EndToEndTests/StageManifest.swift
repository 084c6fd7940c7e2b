// SPDX-License-Identifier: Apache-2.0
import Glibc

extension Stage {
    /// `opshub.yml` of the scriptable application.
    struct Manifest: Sendable {
        var strategy = "blue-green"
        var replicas = 1
        var approval = false
        var build = "true"
        var test = "true"
        var healthPath = "/health"
        var healthWithin = "4s"
        var window = "2s"
        /// More keys of `stability:`.
        var stability = ""
        var canary: String?
        var smoke = "/version"
        var hasDatabase = false
        /// What the database is called.
        var databaseName = "app"
        /// Whether the log of its database's server is archived.
        var isArchived = false
        /// Whether it keeps files in `uploads`.
        var hasFolder = false
        /// Whether it has a Redis server `cache`.
        var hasRedis = false
        var moment = "after-health"
        var domain = "app.localhost"
        var external = ""
        var heal = "[services, routes]"
        var releases = "{ keep_last: 10 }"
        var drain = "10s"
        /// More keys of `backup:`.
        var backup = ""
        var run = "exec /usr/bin/python3 server.py"
        /// Size of the disk that the home is on, as mount(8) wants it; the machine's own disk when nil.
        ///
        /// For root only.
        var disk: String?
        /// Whether power cuts and jumps of the clock are to come.
        var isWitnessed = false
        /// Where the service answers alone; the stage's own port when nil.
        var port: Int?

        /// The compose project in its place.
        var compose: Compose?

        func text(_ ports: Ports) -> String {
            if let compose { return compose.opshub(ports) }
            return processes(ports)
        }

        private func processes(_ ports: Ports) -> String {
            """
            project: app
            services:
              web:
                build: [\(build)]
                test: ["\(test)"]
                run: \(run)
                health: { path: \(healthPath), within: \(healthWithin), interval: 100ms }
                routes: [/]
                replicas: \(replicas)
                limits: { stop_timeout: 3s }
            \(hasDatabase || hasFolder || hasRedis ? "accessories:" : "")
            \(hasRedis ? "  cache: { redis: 7 }" : "")
            \(hasFolder ? "  uploads: { folder: UPLOADS_PATH }" : "")
            \(hasDatabase ? database : "")
            environments:
              production:
                branch: main
                domain: \(domain)
                strategy: \(strategy)\(canary.map { "\n    canary: \($0)" } ?? "")
                approval: \(approval)
                ports: { web: \(port ?? ports.app)\(hasDatabase ? ", db: \(ports.database)" : "") }
                smoke: [{ get: \(smoke) }]
                stability: { window: \(window)\(stability) }
                external: [\(external)]
                heal: \(heal)
                releases: \(releases)
                backup: { keep_days: 30\(backup) }
                drain_timeout: \(drain)
                keep_warm: 5m
            """
        }

        private var database: String {
            """
              db: { postgres: \(Self.postgres), database: \(databaseName)\(isArchived ? ", archive: wal" : "") }
            migrations: { tool: sql, service: web, path: migrations, when: \(moment) }
            """
        }

        /// The newest server that this machine has.
        static var postgres: Int {
            (14...18).last { unsafe access("/usr/lib/postgresql/\($0)/bin/postgres", X_OK) == 0 } ?? 15
        }
    }
}
