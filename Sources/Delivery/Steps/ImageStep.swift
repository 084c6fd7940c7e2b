// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

/// Builds or fetches the image of each service that runs in containers, and keeps them for the release: by their content, so that
/// a tag that is moved later moves nothing here.
struct ImageStep {
    let context: StepContext

    func images(_ limit: OutputLimit) async throws -> [ServiceName: ImageID] {
        var images: [ServiceName: ImageID] = [:]
        // Services of one image are many in compose files: a program and its workers.
        var known: [ContainerManifest.Image: ImageID] = [:]
        for service in context.manifest.services {
            guard let source = service.container?.image else { continue }
            let image: ImageID
            if let same = known[source] {
                image = same
            } else {
                image = try await make(source, service, limit)
            }
            known[source] = image
            images[service.name] = image
            // At once: what has no name of its own may be cleaned away while the others are built.
            try await context.ports.images.keep(
                [service.name: image],
                for: context.release.id,
                of: context.key,
            )
            await context.tell(.note(.build, "\(service.name) is \(image.short)"))
        }
        return images
    }

    private func make(
        _ source: ContainerManifest.Image,
        _ service: ServiceManifest,
        _ limit: OutputLimit,
    ) async throws -> ImageID {
        let tell: @Sendable (String) async -> Void = { text in
            if let text = limit.admit(text) { await context.tell(.output(.build, text)) }
        }
        switch source {
        case .named(let name):
            await context.tell(.note(.build, "\(service.name): fetching \(name)"))
            return try await context.ports.images.pull(name, onLine: tell)
        case .built(let build):
            await context.tell(
                .note(.build, "\(service.name): building \(build.dockerfile) in \(build.context)")
            )
            let order = ImageBuildOrder(
                environment: context.key,
                service: service.name,
                commit: context.release.commit.id,
                folder: context.folder,
                build: build,
                variables: context.buildVariables(of: service),
                timeout: service.buildTimeout,
            )
            return try await context.ports.images.build(order, onLine: tell)
        }
    }
}
