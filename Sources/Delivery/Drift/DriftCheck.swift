// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

/// Compares what serves with what its release was made to be.
///
/// Changes nothing.
struct DriftCheck {
    let context: StepContext
    /// What the edge does; nil when it does not answer.
    let survey: EdgeSurvey?

    /// Everything that is otherwise; what can't be looked at is said and not taken for as it should be (Invariant 13).
    func find() async throws -> [Drift] {
        try await find(.services) { try await services() } + routes()
            + find(.variables) { try await variables().map { Drift(.variables, $0) } }
            + find(.files) { try await files().map { Drift(.files, $0) } }
    }

    private func find(_ kind: DriftKind, _ look: () async throws -> [Drift]) async throws -> [Drift] {
        do {
            return try await look()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let failure = Failure.wrapping(error, doing: "looking at its \(kind.rawValue)")
            let text = "nobody can tell whether its \(kind.rawValue) are as they were: \(failure.message)"
            return [Drift(kind, text, takesDeployment: false)]
        }
    }

    /// A release that was sealed before its files were listed has nothing that they could be compared with.
    private func files() async throws -> [String] {
        guard context.release.size != nil else { return [] }
        return try await context.ports.builds.alterations(of: context.folder)
    }

    private func services() async throws -> [Drift] {
        let present = try await present()
        return context.instances.compactMap { _, id in
            switch present[id]?.state {
            case .running, .restarting: nil
            case .stopped: Drift(.services, "\(id.service).\(id.replica) is stopped")
            case nil: Drift(.services, "\(id.service).\(id.replica) is gone", takesDeployment: true)
            }
        }
    }

    private func routes() -> [Drift] {
        guard let survey else { return [] }
        var words: [String] = []
        switch survey.splits[context.key] {
        case .all(context.slot): break
        case let split?:
            words.append(
                "new requests go \(split == .none ? "" : "to ")\(split), and \(context.release.id) is in \(context.slot)"
            )
        case nil: words.append("the edge does not know this environment")
        }
        return (words + (survey.deviations[context.key] ?? [])).map { Drift(.routes, $0) }
    }

    private func variables() async throws -> [String] {
        let present = try await present()
        var words: [String] = []
        for (service, id) in context.instances {
            guard let status = present[id] else { continue }
            let specification = try await context.specification(of: service, as: id, on: status.port)
            for name in try await context.ports.services.alteredVariables(of: specification) {
                words.append("\(id.service).\(id.replica) has another \(name) than it should be started with")
            }
        }
        return words
    }

    /// Instances of the release in its slot.
    private func present() async throws -> [InstanceID: InstanceStatus] {
        let own = try await context.ports.services.instances(of: context.key)
            .filter { $0.release == context.release.id }
        return Dictionary(own.map { ($0.id, $0) }) { first, _ in first }
    }
}
