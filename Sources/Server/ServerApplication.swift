// SPDX-License-Identifier: Apache-2.0
public import Hummingbird
public import Logging

/// The control plane's HTTP application: one function that composes it for `opshub serve` and for tests.
public enum ServerApplication {
    /// Puts the routes together: all but those of health need the token.
    static func router(_ control: ControlPlane, backend: GitBackend) -> Router<ServerContext> {
        let router = Router(context: ServerContext.self)
        router.add(middleware: ProblemMiddleware())
        HealthRoutes(control: control).add(to: router)
        let guarded = router.group().add(middleware: TokenMiddleware(token: control.token))
        GitRoutes(control: control, backend: backend).add(to: guarded)
        let api = guarded.group("api/v1")
        DeploymentRoutes(control: control).add(to: api)
        EnvironmentRoutes(control: control).add(to: api)
        ProjectRoutes(control: control).add(to: api)
        PruneRoutes(control: control).add(to: api)
        BackupRoutes(control: control).add(to: api)
        StoreRoutes(control: control).add(to: api)
        MigrationRoutes(control: control).add(to: api)
        RestoreRoutes(control: control).add(to: api)
        PeopleRoutes(control: control).add(to: api)
        return router
    }

    /// Puts the application together.
    public static func build(
        _ control: ControlPlane,
        backend: GitBackend,
        host: String,
        port: Int,
        logger: Logger,
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in },
    ) -> some ApplicationProtocol {
        Application(
            router: router(control, backend: backend),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                serverName: "OpsHub",
            ),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? port) },
            logger: logger,
        )
    }
}
