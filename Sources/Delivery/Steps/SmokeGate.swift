// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

/// Gate: every instance of the new release answers the smoke requests, before it gets traffic.
struct SmokeGate {
    let context: StepContext

    func perform() async throws -> StepResult {
        let running = try await context.running()
        for check in context.environment.smoke {
            let service = try context.service(for: check)
            for (owner, status) in running where owner.name == service {
                try await ask(status, check)
            }
        }
        return .done
    }

    private func ask(_ status: InstanceStatus, _ check: SmokeCheckManifest) async throws {
        let request = ProbeRequest(
            port: status.port,
            path: check.path,
            host: context.environment.domain,
            timeout: .seconds(10),
        )
        let response = try await context.ports.prober.get(request)
        guard let difference = Answer.difference(response, status: check.status, expect: check.expect) else {
            await context.tell(.note(.smoke, "\(status.id) answers \(check.path) with \(check.status)"))
            return
        }
        throw Failure(
            .gateFailed,
            "GET \(check.path) on \(status.id) of \(context.release.id) \(difference)",
            hint: "the release got no traffic; mend it and push again",
            evidence: await context.logTail(of: status.id),
        )
    }
}

extension StepContext {
    /// The service that a check is about: the named one, or the one with the longest route that covers its path.
    func service(for check: SmokeCheckManifest) throws(Failure) -> ServiceName {
        if let service = check.service { return service }
        let path = (check.path.split(separator: "?").first.map(String.init) ?? "") + "/"
        let covering = routes.filter { path.hasPrefix($0.key.hasSuffix("/") ? $0.key : $0.key + "/") }
        guard let longest = covering.max(by: { $0.key.count < $1.key.count }) else {
            throw Failure(
                .invalidManifest,
                "no service of \(key) answers \(check.path)",
                hint: "add a route to a service in opshub.yml, or name the service in the check",
            )
        }
        return longest.value
    }
}
