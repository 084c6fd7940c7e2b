// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
public import Hummingbird
public import Logging

/// The file server of services with `static:`.
public enum StaticFiles {
    /// Serves a folder on loopback, `index.html` for folders; answers conditional and range requests.
    public static func application(root: String, port: Int, logger: Logger) -> some ApplicationProtocol {
        let router = Router()
        router.add(
            middleware: FileMiddleware(
                root,
                searchForIndexHtml: true,
                logger: logger,
            )
        )
        return Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: port),
                serverName: "OpsHub",
            ),
            logger: logger,
        )
    }
}
