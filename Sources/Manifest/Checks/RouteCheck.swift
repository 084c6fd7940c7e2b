// SPDX-License-Identifier: Apache-2.0
import Core

/// A path is answered by one service, and requests that are asked must reach one.
enum RouteCheck {
    /// Reports routes that two services claim, and smoke requests that no service answers.
    static func run(_ manifest: ProjectManifest, _ log: ReadingLog) {
        var owners: [String: (service: ServiceName, place: ManifestPlace)] = [:]
        for service in manifest.services {
            let path = ManifestPath("services", service.name.rawValue, "routes")
            for (item, route) in log.items(of: path, service.routes) {
                let place = log.place(of: item)
                if let owner = owners[route] {
                    let message =
                        owner.service == service.name
                        ? "\(path) has \(route) twice"
                        : "\(service.name) claims the route \(route) of \(owner.service)"
                    log.report(place, message, hint: "first claimed at \(owner.place)")
                } else {
                    owners[route] = (service.name, place)
                }
            }
        }
        guard !log.isBroken(ManifestPath("services")) else { return }
        for environment in manifest.environments {
            checkSmoke(environment, routes: Set(owners.keys), log)
        }
    }

    private static func checkSmoke(
        _ environment: EnvironmentManifest,
        routes: Set<String>,
        _ log: ReadingLog,
    ) {
        let list = ManifestPath("environments", environment.name.rawValue, "smoke")
        for (item, request) in log.items(of: list, environment.smoke)
        where request.service == nil && !request.path.isEmpty {
            let isAnswered = prefixes(of: request.path).contains(where: routes.contains)
            guard !isAnswered else { continue }
            let hint = "say which with 'service', or route the path"
            log.report(
                log.place(of: item.key("get")),
                "no service has a route for \(request.path)",
                hint: hint,
            )
        }
    }

    /// The path and everything above it: `/api/v1`, `/api`, `/`.
    private static func prefixes(of path: String) -> [String] {
        let segments = path.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
            .dropFirst()
        return ["/"] + segments.indices.map { "/" + segments[...$0].joined(separator: "/") }
    }
}
