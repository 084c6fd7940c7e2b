// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

/// Checks the commit out and runs each service's build commands.
struct BuildStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        guard context.release.builtAt == nil else {
            await context.tell(.note(.build, "release \(context.release.id) is built already"))
            return .done
        }
        let (release, ports) = (context.release, context.ports)
        try await ports.sources.checkOut(release.commit.id, of: context.key.project, into: context.folder)
        await context.tell(.note(.build, "checked out \(release.commit.id.short) \(release.commit.subject)"))
        try await ports.builds.prepare(context.folder, of: context.key)
        let limit = OutputLimit()
        for service in context.manifest.services where service.container == nil {
            try await context.run(service.build, of: service, in: .build, limit)
        }
        guard context.manifest.services.contains(where: { $0.container != nil }) else { return .done }
        var built = release
        built.images = try await ImageStep(context: context).images(limit)
        return StepResult(release: built)
    }
}

/// Gate: every service's test commands succeed.
///
/// A release that passes is built, and unchangeable from then on.
struct TestGate {
    let context: StepContext

    func perform() async throws -> StepResult {
        guard context.release.builtAt == nil else { return .done }
        // A control plane that ended while it sealed the release has left it half sealed.
        try await context.ports.builds.prepare(context.folder, of: context.key)
        let limit = OutputLimit()
        for service in context.manifest.services {
            try await context.run(service.test, of: service, in: .test, limit)
        }
        var release = context.release
        release.size = try await context.ports.builds.seal(context.folder, of: context.key)
        release.builtAt = context.ports.time.now
        return StepResult(release: release)
    }
}

extension StepContext {
    fileprivate func run(
        _ lines: [String],
        of service: ServiceManifest,
        in step: Step,
        _ limit: OutputLimit,
    ) async throws {
        for line in lines {
            await tell(.note(step, "\(service.name): $ \(line)"))
            let command = BuildCommand(
                environment: key,
                line: line,
                directory: folder(of: service),
                variables: buildVariables(of: service),
                timeout: service.buildTimeout,
                takesTurns: true,
            )
            try await ports.builds.run(command) { text in
                if let text = limit.admit(text) { await tell(.output(step, text)) }
            }
        }
    }
}
