// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery

/// What is written on everything that is made here, and by which it is found again.
struct EngineLabels: Sendable {
    static let home = "dev.opshub.home"
    static let project = "dev.opshub.project"
    static let environment = "dev.opshub.environment"
    static let release = "dev.opshub.release"
    static let slot = "dev.opshub.slot"
    static let service = "dev.opshub.service"
    static let replica = "dev.opshub.replica"
    static let accessory = "dev.opshub.accessory"
    static let port = "dev.opshub.port"
    static let specification = "dev.opshub.specification"
    static let volume = "dev.opshub.volume"
    static let network = "dev.opshub.network"
    static let build = "dev.opshub.build"

    /// The home's own name.
    let identity: HomeIdentity

    /// Of everything of this home.
    var own: [String: String] { [Self.home: identity.rawValue] }

    /// Of everything of an environment.
    func labels(of key: EnvironmentKey) -> [String: String] {
        own.merging([
            Self.project: key.project.rawValue, Self.environment: key.environment.rawValue,
        ]) { $1 }
    }

    /// Of what a slot's release needs.
    func labels(of key: EnvironmentKey, _ slot: Slot) -> [String: String] {
        labels(of: key).merging([Self.slot: slot.rawValue]) { $1 }
    }

    /// Of one instance.
    func labels(of id: InstanceID) -> [String: String] {
        labels(of: id.environment, id.slot)
            .merging([Self.service: id.service.rawValue, Self.replica: "\(id.replica)"]) { $1 }
    }

    /// The instance that labels name; nil for what is none of this home's.
    func instance(_ labels: [String: String]) -> InstanceID? {
        guard labels[Self.home] == identity.rawValue, let project = labels[Self.project],
            let environment = labels[Self.environment],
            let slot = labels[Self.slot].flatMap({ Slot(rawValue: $0) }), let service = labels[Self.service],
            let replica = labels[Self.replica].flatMap({ Int($0) })
        else { return nil }
        let key = EnvironmentKey(ProjectName(project), EnvironmentName(environment))
        return InstanceID(key, slot, ServiceName(service), replica)
    }

    // MARK: Names

    /// `opshub.3fa9c1.tracehub.production.blue.backend.1`: names on an engine are one room for all who use it, and none of ours
    /// has a full stop.
    func name(of id: InstanceID) -> String {
        "\(prefix(of: id.environment)).\(id.slot).\(id.service).\(id.replica)"
    }

    /// The name of an accessory's container; no slot is called so.
    func accessory(_ name: AccessoryName, of key: EnvironmentKey) -> String {
        "\(prefix(of: key)).accessory.\(name)"
    }

    /// The name of one of a slot's networks.
    func network(_ name: String, of key: EnvironmentKey, _ slot: Slot) -> String {
        "\(prefix(of: key)).\(slot).\(name)"
    }

    /// The name of a network that outlives releases, where accessories are.
    func network(_ name: String, of key: EnvironmentKey) -> String {
        "\(prefix(of: key)).accessories.\(name)"
    }

    /// The name of a volume.
    func volume(_ name: String, of key: EnvironmentKey) -> String { "\(prefix(of: key)).\(name)" }

    private func prefix(of key: EnvironmentKey) -> String {
        "opshub.\(identity.rawValue).\(key.project).\(key.environment)"
    }
}
