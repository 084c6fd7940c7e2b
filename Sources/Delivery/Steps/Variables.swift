// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

extension StepContext {
    /// Variables of a service's builds and tests.
    ///
    /// They know nothing of the environment's data.
    func buildVariables(of service: ServiceManifest) -> [String: Secret] {
        var variables = service.variables(in: environment)
        variables["OPSHUB_PROJECT"] = key.project.rawValue
        variables["OPSHUB_ENVIRONMENT"] = key.environment.rawValue
        variables["OPSHUB_RELEASE"] = release.id.rawValue
        variables["OPSHUB_COMMIT"] = release.commit.id.rawValue
        return variables.mapValues { Secret($0) }
    }

    /// Variables of a service's instances and migrations: those of its builds, and how to reach the accessories.
    ///
    /// `DATABASE_URL` is the only PostgreSQL accessory and `REDIS_URL` the only Redis; with several, each has `NAME_URL`. A folder's
    /// path is in the variable that the manifest names.
    func variables(of service: ServiceManifest) async throws -> [String: Secret] {
        var variables = buildVariables(of: service)
        let addresses = try await addresses()
        var usual: [String: [Secret]] = [:]
        for accessory in manifest.accessories {
            if case .folder(let variable) = accessory.kind,
                case .folder(let path)? = addresses[accessory.name]
            {
                variables[variable] = Secret(path)
            } else if let url = addresses[accessory.name]?.url {
                variables[accessory.addressVariable] = url
                accessory.usualVariable.map { usual[$0, default: []].append(url) }
            }
        }
        for (name, urls) in usual where urls.count == 1 { variables[name] = urls[0] }
        return variables
    }

    /// Where each accessory is.
    func addresses() async throws -> [AccessoryName: AccessoryAddress] {
        var found: [AccessoryName: AccessoryAddress] = [:]
        for accessory in manifest.accessories {
            let specification = specification(
                of: accessory,
                port: environment.ports[accessory.name.rawValue] ?? 0,
            )
            guard let address = try await ports.accessories.address(of: specification) else {
                throw Failure(.notFound, "accessory \(accessory.name) of \(key) was never made")
            }
            found[accessory.name] = address
        }
        return found
    }

    func specification(of accessory: AccessoryManifest, port: Int) -> AccessorySpecification {
        AccessorySpecification(environment: key, manifest: accessory, port: port)
    }
}
