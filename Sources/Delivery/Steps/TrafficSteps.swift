// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

/// Sends a share of new requests to the new release.
struct ShiftStep {
    let context: StepContext
    let percent: Int

    func perform() async throws -> StepResult {
        // Invariant 1: an instance that died since its gate must not get traffic.
        let running = try await context.running()
        for (_, status) in running {
            guard case .running = status.state else {
                throw Failure(
                    .serviceExited,
                    "\(status.id) of \(context.release.id) stopped running before it got traffic",
                    hint: "read why below, mend it and push again; what serves was not touched",
                    evidence: await context.logTail(of: status.id),
                )
            }
        }
        let split: TrafficSplit =
            percent == 100
            ? .all(context.slot) : .shared(incoming: context.slot, percent: percent)
        try await context.ports.router.direct(split, of: context.key)
        await context.tell(.note(.shift(percent: percent), "new requests: \(split)"))
        return .done
    }
}

/// Waits for requests in flight of a slot that gets no new ones.
struct DrainStep {
    let context: StepContext
    let slot: Slot

    func perform() async throws -> StepResult {
        let begin = context.ports.time.uptime
        let limit = context.environment.drainTimeout
        while let inFlight = try await context.ports.router.observe(context.key)?.inFlight[slot], inFlight > 0
        {
            guard context.ports.time.uptime - begin < limit else {
                let requests = inFlight == 1 ? "1 request is" : "\(inFlight) requests are"
                await context.tell(
                    .note(
                        .drain,
                        "\(requests) still in flight after \(limit.briefly); \(slot) keeps answering them while it runs",
                    )
                )
                return .done
            }
            try await context.ports.time.sleep(for: context.settings.pollInterval)
        }
        await context.tell(.note(.drain, "\(slot) has no request in flight"))
        return .done
    }
}

extension StepContext {
    /// The time for which the edge keeps an idle connection open, and a little more.
    private static let connectionLife: Duration = .seconds(65)

    /// Waits until no connection from before a reload of the edge is left: it could still lead to instances that are to be
    /// stopped.
    ///
    /// Streams that never end are not waited for.
    func settle(_ step: Step) async throws {
        let begin = ports.time.uptime
        while try await !ports.router.isSettled() {
            if ports.time.uptime - begin >= Self.connectionLife {
                return await tell(
                    .note(step, "connections from before the edge's last reload are still open")
                )
            }
            try await ports.time.sleep(for: settings.pollInterval)
        }
    }
}

/// Gate: the public address answers, as a client would ask it.
struct ExternalCheck {
    let context: StepContext

    func perform() async throws -> StepResult {
        let checks = context.environment.external
        // Without any, every route must lead to a service that has something to say.
        let routes = checks.isEmpty ? context.routes.sorted { $0.key < $1.key } : []
        for (path, service) in routes {
            let response = try await ask(path, service: service)
            guard response.status < 500 else { throw failure(path, "answered \(response.status)") }
            await context.tell(
                .note(.external, "GET \(path) reaches \(service) through the edge (\(response.status))")
            )
        }
        for check in checks {
            let response = try await ask(check.path, service: check.service)
            if let difference = Answer.difference(response, status: check.status, expect: check.expect) {
                throw failure(check.path, difference)
            }
            await context.tell(
                .note(.external, "GET \(check.path) answers \(check.status) through the edge")
            )
        }
        return .done
    }

    private func ask(_ path: String, service: ServiceName?) async throws -> ProbeResponse {
        let response = try await context.ports.prober.get(request(path, service: service))
        guard let own = response.edgeAnswer else { return response }
        throw failure(path, "got no further than the edge: \(own)")
    }

    /// Through the domain where there is one, else through the service's own stable port.
    private func request(_ path: String, service: ServiceName?) -> ProbeRequest {
        let (settings, environment) = (context.settings, context.environment)
        // No route: any service.
        let named = service ?? (try? context.service(for: SmokeCheckManifest(path: path)))
        let anyPort = context.manifest.services.compactMap { environment.ports[$0.name.rawValue] }.first
        let port = named.map { environment.ports[$0.rawValue] } ?? anyPort
        if environment.domain == nil, let port {
            return ProbeRequest(port: port, path: path, timeout: .seconds(10))
        }
        return ProbeRequest(
            address: settings.publicAddress,
            port: settings.publicPort,
            path: path,
            host: environment.domain,
            timeout: .seconds(10),
        )
    }

    private func failure(_ path: String, _ difference: String) -> Failure {
        let request = request(path, service: nil)
        let host = request.host.map { " -H 'Host: \($0)'" } ?? ""
        return Failure(
            .gateFailed,
            "GET \(path) through the public address of \(context.key) \(difference)",
            hint: "traffic returns; see external in opshub.yml and the routes of its services",
            evidence: ["$ curl -i\(host) http://\(request.address):\(request.port)\(path)"],
        )
    }
}
