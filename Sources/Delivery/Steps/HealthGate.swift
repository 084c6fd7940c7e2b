// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

/// Gate: every instance of the new release answers its health check, several times in a row.
struct HealthGate {
    let context: StepContext
    let step: Step

    func perform() async throws -> StepResult {
        let running = try await context.running()
        try await withThrowingTaskGroup { group in
            for (service, status) in running {
                group.addTask(name: "health of \(status.id)") { try await waitUntilHealthy(service, status) }
            }
            try await group.waitForAll()
        }
        return .done
    }

    /// Waits for one instance.
    func waitUntilHealthy(_ service: ServiceManifest, _ status: InstanceStatus) async throws {
        let (health, time) = (service.health, context.ports.time)
        let begin = time.uptime
        var inRow = 0
        var last = "it has not answered yet"
        while inRow < health.successes {
            switch try await probe(service, status) {
            case nil: inRow += 1
            case .some(let difference): (inRow, last) = (0, difference)
            }
            try await checkStillRunning(status, last: last)
            guard time.uptime - begin < health.within else {
                throw await failure(
                    status,
                    "is not healthy after \(health.within.briefly): it \(last)",
                    service,
                )
            }
            if inRow < health.successes { try await time.sleep(for: health.interval) }
        }
        if let intruder = try await context.ports.services.intruder(on: status.id) {
            throw Failure(
                .portTaken,
                "\(intruder) answers on port \(status.port) in place of \(status.id)",
                hint: "deploy again: another port is taken then",
            )
        }
        let took = time.uptime - begin
        await context.tell(.note(step, "\(status.id) \(wellBeing(of: service)) (\(took.briefly))"))
    }

    private func wellBeing(of service: ServiceManifest) -> String {
        guard let health = service.probe else { return "is up" }
        return health.takesAnyAnswer == true
            ? "answers \(health.path)" : "answers \(health.path) with \(health.status)"
    }

    /// Nil when healthy, else what is wrong.
    private func probe(_ service: ServiceManifest, _ status: InstanceStatus) async throws -> String? {
        if service.container != nil, let reason = try await context.containerDoubt(status.id) {
            return reason
        }
        guard let health = service.probe else { return nil }
        let request = ProbeRequest(port: status.port, path: health.path, timeout: health.timeout)
        do {
            let response = try await context.ports.prober.get(request)
            return Answer.difference(response, health)
        } catch let failure as Failure {
            return failure.cause.map { "does not answer on port \(status.port) (\($0))" } ?? failure.message
        }
    }

    private func checkStillRunning(_ status: InstanceStatus, last: String) async throws {
        guard let now = try await context.ports.services.status(of: status.id), now.exits > status.exits
        else { return }
        let ending = now.lastExit ?? "no status"
        throw Failure(
            .serviceExited,
            "\(status.id) of \(context.release.id) ended by itself: \(ending)",
            hint:
                "read its log: opshub logs -e \(context.key.environment) \(status.id.service) --release \(context.release.id)",
            evidence: await context.logTail(of: status.id),
        )
    }

    private func failure(
        _ status: InstanceStatus,
        _ what: String,
        _ service: ServiceManifest,
    ) async -> Failure {
        let pending = context.deployment.plan?.content.migrations ?? []
        let waitsForSchema =
            step == .health && !pending.isEmpty && context.manifest.migrations?.moment == .afterHealth
        return Failure(
            .gateFailed,
            "\(status.id) of \(context.release.id) \(what)",
            hint: waitsForSchema
                ? "if its health needs the new schema (\(pending.count) migration\(pending.count == 1 ? "" : "s") pending), say migrations.when: before-start in opshub.yml"
                : "ask it yourself in the next deployment: curl -i http://127.0.0.1:PORT\(service.health.path), and see health in opshub.yml",
            evidence: (service.probe.map { ["GET http://127.0.0.1:\(status.port)\($0.path)"] } ?? [])
                + (await context.logTail(of: status.id)),
        )
    }
}
