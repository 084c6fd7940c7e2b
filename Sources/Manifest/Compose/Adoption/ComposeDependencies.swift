// SPDX-License-Identifier: Apache-2.0
import Core

/// What services wait for, by their names here: accessories are there before any service, so only other services are left.
struct ComposeDependencies {
    let log: ComposeLog

    /// The same services, in an order in which each comes after those that it waits for.
    func resolve(_ result: ComposeAdoption.Result, _ found: [ComposeService]) -> ComposeAdoption.Result {
        var result = result
        let names = Set(result.services.map(\.name.rawValue))
        for index in result.services.indices {
            guard var container = result.services[index].container else { continue }
            container.dependencies = container.dependencies.compactMap { dependency in
                refuse(dependency, of: result.services[index].name.rawValue, found)
                guard let name = NameVerdict.suggestion(for: dependency.name), names.contains(name) else {
                    return nil
                }
                return ContainerDependency(
                    name: name,
                    condition: dependency.condition,
                    isOptional: dependency.isOptional,
                )
            }
            result.services[index].program = .container(container)
        }
        markNetworks(of: &result)
        result.services = ordered(result.services, found)
        return result
    }

    /// A service that is to end before others begin is none that a deployment could keep running.
    private func refuse(_ dependency: ContainerDependency, of name: String, _ found: [ComposeService]) {
        guard dependency.condition == .completed else { return }
        let place = found.first { NameVerdict.suggestion(for: $0.name) == name }?.place
        guard let place else { return }
        log.report(
            place,
            "\(name) waits for \(dependency.name) to end, and services that end are not supported yet",
            hint:
                "run migrations with 'migrations:' in opshub.yml, and anything else at the beginning of the program itself",
        )
    }

    /// Networks of services in which there are accessories.
    private func markNetworks(of result: inout ComposeAdoption.Result) {
        let shared = Set(
            result.accessories.flatMap { accessory -> [String] in
                guard case .container(let kept) = accessory.kind else { return [] }
                return kept.container.networks.map(\.name)
            }
        )
        for index in result.services.indices {
            guard var container = result.services[index].container else { continue }
            for place in container.networks.indices {
                container.networks[place].hasAccessories = shared.contains(container.networks[place].name)
            }
            result.services[index].program = .container(container)
        }
    }

    private func ordered(_ services: [ServiceManifest], _ found: [ComposeService]) -> [ServiceManifest] {
        var (rest, ordered): ([ServiceManifest], [ServiceManifest]) = (services, [])
        while !rest.isEmpty {
            let waiting = Set(rest.map(\.name.rawValue))
            let next = rest.firstIndex { service in
                service.container?.dependencies.allSatisfy { !waiting.contains($0.name) } ?? true
            }
            guard let next else {
                let names = rest.map(\.name.rawValue)
                let place = found.first { NameVerdict.suggestion(for: $0.name) == names[0] }?.place
                if let place {
                    log.report(
                        place,
                        "\(names.enumeration) wait for each other",
                        hint: "remove one 'depends_on'",
                    )
                }
                return services
            }
            ordered.append(rest.remove(at: next))
        }
        return ordered
    }
}
