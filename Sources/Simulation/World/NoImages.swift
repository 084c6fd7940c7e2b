// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery

/// A world without containers.
struct NoImages: ContainerImages {
    private var none: Failure { Failure(.engineFailed, "there is no container engine in a simulation") }

    func engine() async throws -> String { throw none }

    func build(
        _ order: ImageBuildOrder,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws -> ImageID { throw none }

    func pull(
        _ name: String,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws -> ImageID { throw none }

    func keep(
        _ images: [ServiceName: ImageID],
        for release: ReleaseID,
        of environment: EnvironmentKey,
    ) async throws { throw none }

    func drop(_ release: ReleaseID, of environment: EnvironmentKey) async throws { throw none }
}
