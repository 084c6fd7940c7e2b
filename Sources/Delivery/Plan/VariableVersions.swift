// SPDX-License-Identifier: Apache-2.0
import Manifest
public import Core

/// Which version of each variable a release has: within an environment the same number is the same value, and nobody needs to
/// see it to know.
public struct VariableVersions: Hashable, Sendable, Codable {
    /// By `service/NAME`.
    fileprivate var numbers: [String: Int] = [:]
    /// The highest number that each variable had by then, also those that are gone.
    fileprivate var highest: [String: Int] = [:]

    /// The version of a service's variable; nil when the release does not have it.
    public subscript(service: ServiceName, name: String) -> Int? { numbers["\(service)/\(name)"] }
}

/// The numbers of all values that an environment's variables ever had.
struct VariableBook {
    /// By `service/NAME` and value.
    private var numbers: [String: [String: Int]] = [:]
    private var highest: [String: Int] = [:]

    /// - Parameter releases: Those of the environment, oldest first.
    init(_ releases: [Release]) {
        for release in releases { _ = enter(release) }
    }

    /// The numbers of a release's values: those that they had before, or else the next ones; what was written down with it counts.
    mutating func enter(_ release: Release) -> VariableVersions {
        let values = release.variableValues
        var versions = release.variables ?? VariableVersions()
        for (name, number) in versions.highest { highest[name] = max(highest[name] ?? 0, number) }
        for (name, value) in values {
            let number = versions.numbers[name] ?? numbers[name]?[value] ?? (highest[name] ?? 0) + 1
            numbers[name, default: [:]][value] = number
            highest[name] = max(highest[name] ?? 0, number)
            versions.numbers[name] = number
        }
        versions.highest = highest
        return release.variables ?? versions
    }
}

extension Release {
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
        guard takesEnvironment != false else { return variables }
        return variables.merging(environment.variables) { _, ofEnvironment in ofEnvironment }
    }
}

extension DeliveryRecords {
    /// The versions that a release has, or would have if it were planned now.
    ///
    /// What was never written down is numbered in the order of the releases, as it would have been then.
    func variables(of release: Release) async throws -> VariableVersions {
        if let known = release.variables { return known }
        let newestFirst = try await releases(of: release.environment, limit: 500)
        // Those before it: all of them for one that nobody has asked for yet.
        let index = newestFirst.firstIndex { $0.id == release.id }
        let earlier = index.map { newestFirst[($0 + 1)...] } ?? newestFirst[...]
        var book = VariableBook(earlier.reversed())
        return book.enter(release)
    }
}
