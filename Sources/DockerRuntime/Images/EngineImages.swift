// SPDX-License-Identifier: Apache-2.0
import AsyncHTTPClient
public import Core
import Crypto
public import Delivery
import FoundationEssentials
public import HostSystem
import Manifest
import NIOCore
import NIOHTTP1

/// Images of an engine.
///
/// Those of a release have a tag of its own, `opshub/HOME/PROJECT/ENVIRONMENT/SERVICE:RELEASE`: `docker image prune` leaves them.
public struct EngineImages: ContainerImages {
    /// How long a registry may take for one image.
    private static let pullPatience = Duration.seconds(1800)

    private let layout: HomeLayout
    private let client: EngineClient
    private let identity: HomeIdentity
    private let runner: ProgramRunner

    /// Images of a home on an engine.
    public init(layout: HomeLayout, engine: Engine, runner: ProgramRunner = ProgramRunner()) {
        self.layout = layout
        client = engine.client
        identity = engine.identity
        self.runner = runner
    }

    /// What the engine is.
    public func engine() async throws -> String { try await client.product() }

    /// Builds an image.
    public func build(
        _ order: ImageBuildOrder,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws -> ImageID {
        let mark = try Self.mark(order)
        if let known = try await image(labelled: mark) {
            await onLine("built before: \(known.short)")
            return known
        }
        let context = try ImageContext(order)
        let archive = "\(layout.previews)/context-\(UInt32.random(in: .min ... .max)).tar"
        try Folder.make(layout.previews)
        defer {
            // Removed at the next start, if not now.
            try? Folder.remove(archive)
        }
        try await context.pack(into: archive, runner)
        return try await withBuildDeadline(order) {
            try await build(order, archive, mark, onLine)
        }
    }

    /// Fetches an image.
    public func pull(
        _ name: String,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws -> ImageID {
        if let known = try await image(named: name) { return known }
        let (repository, tag) = Self.parts(name)
        let error: String?
        do {
            error = try await withDeadline(Self.pullPatience, "fetching \(name)") {
                var progress = EngineProgress()
                let body = try await client.stream(
                    .POST,
                    "/images/create",
                    ["fromImage": repository, "tag": tag],
                    beginsWithin: .seconds(300),
                )
                for try await buffer in body {
                    for line in progress.take(buffer) { await onLine(line) }
                }
                return progress.error
            }
        } catch let refusal as EngineRefusal {
            throw Self.pullFailure(name, refusal.message)
        } catch let exceeded as DeadlineExceeded {
            throw Self.pullFailure(name, exceeded.description)
        }
        if let error { throw Self.pullFailure(name, error) }
        guard let image = try await image(named: name) else {
            throw Self.pullFailure(name, "the engine has fetched it and does not know it")
        }
        return image
    }

    /// Keeps images for a release.
    public func keep(
        _ images: [ServiceName: ImageID],
        for release: ReleaseID,
        of environment: EnvironmentKey,
    ) async throws {
        for (service, image) in images.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let query: EngineQuery = [
                "repo": "\(folder(of: environment))/\(service)", "tag": release.rawValue,
            ]
            try await client.order("/images/\(image)/tag", query)
        }
    }

    /// Gives up what was kept for a release.
    public func drop(_ release: ReleaseID, of environment: EnvironmentKey) async throws {
        let reference = "\(folder(of: environment))/*:\(release)"
        let query: EngineQuery = ["filters": try EngineQuery.filters(["reference": [reference]])]
        for entry in try await client.get("/images/json", query, as: [EngineImageEntry].self) {
            for tag in entry.repoTags ?? []
            where tag.hasSuffix(":\(release)") && tag.hasPrefix(folder(of: environment)) {
                do {
                    try await client.delete("/images/\(tag)")
                } catch let refusal as EngineRefusal where refusal.isConflict {
                    continue  // Somebody runs it; it goes with them.
                }
            }
        }
    }

    // MARK: Building

    private func build(
        _ order: ImageBuildOrder,
        _ archive: String,
        _ mark: String,
        _ onLine: @Sendable @escaping (String) async -> Void,
    ) async throws -> ImageID {
        guard order.build.secrets.isEmpty else {
            throw Failure(
                .buildFailed,
                "\(order.service) is built with secrets, which OpsHub can't give to a build yet",
                hint:
                    "remove 'secrets' below 'build'; never give them as 'args', which everybody can read in the image",
            )
        }
        var labels = order.build.labels
        labels[EngineLabels.build] = mark
        labels[EngineLabels.home] = identity.rawValue
        var query: EngineQuery = [
            "dockerfile": order.build.dockerfile, "rm": "true", "forcerm": "true", "cpushares": "2",
            "buildargs": try Self.json(order.build.arguments), "labels": try Self.json(labels),
        ]
        if let target = order.build.target { query = query.adding("target", target) }
        var progress = EngineProgress()
        let tail = OutputEnd()
        do {
            let body = try await client.stream(
                .POST,
                "/build",
                query,
                headers: ["Content-Type": "application/x-tar"],
                body: try FileBody.of(archive),
                beginsWithin: order.timeout,
            )
            for try await buffer in body {
                for line in progress.take(buffer) {
                    tail.add(line)
                    await onLine(line)
                }
            }
        } catch let refusal as EngineRefusal {
            throw Self.buildFailure(order, refusal.message, tail)
        }
        if let error = progress.error { throw Self.buildFailure(order, error, tail) }
        guard let image = progress.image else {
            throw Self.buildFailure(order, "the engine has ended without an image", tail)
        }
        return ImageID(image)
    }

    private func withBuildDeadline(
        _ order: ImageBuildOrder,
        _ body: @Sendable @escaping () async throws -> ImageID,
    ) async throws -> ImageID {
        do {
            return try await withDeadline(order.timeout, "building \(order.service)", body: body)
        } catch let exceeded as DeadlineExceeded {
            throw Failure(
                .deadlineExceeded,
                exceeded.description,
                hint: "give it more time with build_timeout, or see what it waits for",
                isRetryable: true,
            )
        }
    }

    private static func buildFailure(_ order: ImageBuildOrder, _ error: String, _ tail: OutputEnd) -> Failure
    {
        Failure(
            .buildFailed,
            "the image of \(order.service) was not built from \(order.build.dockerfile)",
            hint:
                "build it in a fresh clone: docker build \(order.build.context); what serves was not touched",
            evidence: tail.lines,
            cause: error,
        )
    }

    /// The same for the same commit that is built in the same way: an image that staging has built is production's too.
    private static func mark(_ order: ImageBuildOrder) throws -> String {
        let how = try EngineCoding.encoder.encode(order.build)
        let text = "\(order.environment.project) \(order.commit) \(String(decoding: how, as: UTF8.self))"
        return SHA256.hash(data: Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .joined()
    }

    private static func json(_ values: [String: String]) throws -> String {
        String(decoding: try EngineCoding.encoder.encode(values), as: UTF8.self)
    }

    // MARK: Finding

    private func image(labelled mark: String) async throws -> ImageID? {
        let query: EngineQuery = [
            "filters": try EngineQuery.filters(["label": ["\(EngineLabels.build)=\(mark)"]])
        ]
        return try await client.get("/images/json", query, as: [EngineImageEntry].self).first
            .map { ImageID($0.id) }
    }

    private func image(named name: String) async throws -> ImageID? {
        try await client.find("/images/\(name)/json", as: EngineImage.self).map { ImageID($0.id) }
    }

    /// The repository, and the tag or digest behind it.
    static func parts(_ name: String) -> (repository: String, tag: String) {
        if let at = name.firstIndex(of: "@") {
            let repository = name[..<at]
            let last =
                repository.lastIndex(of: "/").map { repository.index(after: $0) } ?? repository.startIndex
            let colon = repository[last...].firstIndex(of: ":")
            return (
                String(colon.map { repository[..<$0] } ?? repository), String(name[name.index(after: at)...]),
            )
        }
        let last = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
        guard let colon = name[last...].firstIndex(of: ":") else { return (name, "latest") }
        return (String(name[..<colon]), String(name[name.index(after: colon)...]))
    }

    private static func pullFailure(_ name: String, _ error: String) -> Failure {
        let words = error.lowercased()
        let hint: String
        if words.contains("toomanyrequests") || words.contains("429") {
            hint = "the registry has counted too many requests: wait, or sign in there"
        } else if words.contains("unauthorized") || words.contains("denied")
            || words.contains("authentication required")
        {
            hint = "is the name right, and may everybody read it? A registry that wants a password needs one"
        } else if words.contains("manifest unknown") || words.contains("not found") {
            hint = "is the name right? The registry has no such image or tag"
        } else {
            hint = "see whether the registry answers from here: docker pull \(name)"
        }
        return Failure(
            .imageFailed,
            "the image \(name) can't be fetched",
            hint: hint,
            cause: error,
            isRetryable: !words.contains("manifest unknown"),
        )
    }

    private func folder(of key: EnvironmentKey) -> String {
        "opshub/\(identity.rawValue)/\(key.project)/\(key.environment)"
    }
}
