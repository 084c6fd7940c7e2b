// SPDX-License-Identifier: Apache-2.0
import Manifest
public import Core

/// Which version of each variable a release has.
///
/// The first value that a variable of a service ever had in an environment is version 1, and each other value that follows is
/// one more: the same number is the same value, and nobody needs to see it to know.
public struct VariableVersions: Hashable, Sendable, Codable {
    /// By `service/NAME`; also of variables that are gone by now, so that no number is given twice.
    private var numbers: [String: Int] = [:]

    /// Those of a release whose values are the first.
    init(first release: Release) {
        for (name, _) in release.variableValues { numbers[name] = 1 }
    }

    /// Those of a release that follows another one.
    init(of release: Release, after previous: Release) {
        let old = previous.variableValues
        numbers = previous.knownVariables.numbers
        for (name, value) in release.variableValues where old[name] != value {
            numbers[name] = (numbers[name] ?? 0) + 1
        }
    }

    /// The version of a service's variable; nil when it never had one.
    public subscript(service: ServiceName, name: String) -> Int? { numbers["\(service)/\(name)"] }
}

extension Release {
    /// Its versions; as far as they were never written down, its values count as the first.
    var knownVariables: VariableVersions { variables ?? VariableVersions(first: self) }

    /// By `service/NAME`.
    fileprivate var variableValues: [String: String] {
        guard let environment = manifest.environment(environment.environment) else { return [:] }
        var values: [String: String] = [:]
        for service in manifest.services {
            for (name, value) in service.variables(in: environment) {
                values["\(service.name)/\(name)"] = value
            }
        }
        return values
    }
}

extension ServiceManifest {
    /// Its variables where it runs: the environment's own come before those that it has everywhere.
    func variables(in environment: EnvironmentManifest) -> [String: String] {
        variables.merging(environment.variables) { _, ofEnvironment in ofEnvironment }
    }
}

extension DeliveryRecords {
    /// The versions that a release has, or would have if it were planned now.
    ///
    /// It follows the newest one that was ever planned, whatever became of that.
    func variables(of release: Release) async throws -> VariableVersions {
        if let known = release.variables { return known }
        let others = try await releases(of: release.environment, limit: 500).filter { $0.id != release.id }
        guard let previous = others.first(where: { $0.variables != nil }) ?? others.first else {
            return VariableVersions(first: release)
        }
        return VariableVersions(of: release, after: previous)
    }
}
