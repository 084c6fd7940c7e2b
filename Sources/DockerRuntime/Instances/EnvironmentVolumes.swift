// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Manifest

/// The volumes of an environment: they outlive every release, and nothing here ever removes one.
struct EnvironmentVolumes {
    let client: EngineClient
    let labels: EngineLabels

    /// Makes the volumes of a container exist; idempotent.
    ///
    /// Throws `not-found` for one that should be there already, `conflict` for one of ours that OpsHub did not make.
    func ensure(_ mounts: [ContainerMount], of key: EnvironmentKey) async throws {
        for mount in mounts {
            switch mount.source {
            case .volume(let name): try await ensure(name, of: key)
            case .externalVolume(let name):
                guard try await find(name) == nil else { continue }
                throw Failure(
                    .notFound,
                    "there is no volume \(name), which \(key) expects to be there (external: true)",
                    hint: "make it: docker volume create \(name)",
                )
            case .anonymous, .release, .host, .memory, .file: continue
            }
        }
    }

    private func ensure(_ name: String, of key: EnvironmentKey) async throws {
        let own = labels.volume(name, of: key)
        if let known = try await find(own) {
            guard known.labels?[EngineLabels.home] == labels.identity.rawValue else {
                throw Failure(
                    .conflict,
                    "there is a volume \(own) that OpsHub did not make",
                    hint: "see what it is: docker volume inspect \(own)",
                )
            }
            return
        }
        let marks = labels.labels(of: key).merging([EngineLabels.volume: name]) { $1 }
        let order = EngineVolumeOrder(name: own, labels: marks)
        _ = try await client.order("/volumes/create", [:], order, as: EngineVolume.self)
    }

    private func find(_ name: String) async throws -> EngineVolume? {
        try await client.find("/volumes/\(EngineQuery.escaped(name))")
    }
}
