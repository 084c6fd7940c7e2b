// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import HTTPTypes
import Hummingbird
import NIOCore

/// The embedded remote: smart HTTP of every project's bare repository, by `git http-backend`.
struct GitRoutes {
    let control: ControlPlane
    let backend: GitBackend

    func add(to router: RouterGroup<ServerContext>) {
        router.get("git/{repository}/info/refs") { request, context in
            guard let service = request.uri.queryParameters["service"],
                GitBackend.services.contains(String(service))
            else {
                throw Failure(.invalid, "only smart HTTP is spoken here", hint: "use git 1.6.6 or newer")
            }
            // The first push makes the project.
            let project = try await project(context, creating: service == "git-receive-pack")
            return try await backend.answer(
                request,
                project: project,
                path: "info/refs",
                type: "application/x-\(service)-advertisement",
                person: context.person,
            )
        }
        for service in GitBackend.services {
            router.post("git/{repository}/\(RouterPath(service))") { request, context in
                try await backend.answer(
                    request,
                    project: try await project(context, creating: false),
                    path: service,
                    type: "application/x-\(service)-result",
                    person: context.person,
                )
            }
        }
    }

    private func project(_ context: ServerContext, creating: Bool) async throws -> ProjectName {
        let repository = try context.parameters.require("repository")
        let name = repository.hasSuffix(".git") ? String(repository.dropLast(4)) : repository
        guard NameRule.admits(name) else {
            throw Failure(.invalid, "'\(name)' is no project name", hint: "a name has \(NameRule.words)")
        }
        let project = ProjectName(name)
        if creating {
            try await control.ports.sources.create(project)
        } else if try await !control.ports.sources.projects().contains(project) {
            throw Failure(.notFound, "there is no project \(project)", hint: "the first push makes it")
        }
        return project
    }
}
