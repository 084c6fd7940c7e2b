// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery

/// Databases of a scripted world that take each other's place.
public struct ScriptedRestores: DatabaseRestores {
    let world: ScriptedWorld

    /// Databases of this world.
    public init(_ world: ScriptedWorld) {
        self.world = world
    }

    /// What a restoration puts in the place.
    public static func copy(_ restoration: Restoration, _ deployment: DeploymentID) -> String {
        switch restoration.source {
        case .backup: "copy \(deployment)"
        case .kept(let by, _): "kept by \(by)"
        }
    }

    /// Made of the backup's name.
    public func prepare(
        _ restoration: Restoration,
        of accessory: AccessorySpecification,
        for deployment: DeploymentID,
    ) async throws -> String {
        try await world.act("prepare \(restoration.source)")
        let name = Self.copy(restoration, deployment)
        switch restoration.source {
        case .backup(let id): world.change { $0.databases[name] = id }
        case .kept:
            guard world.now.databases[name] != nil else {
                throw Failure(.notFound, "there is no database \(name)")
            }
        }
        return "1 table"
    }

    /// Shut.
    public func shut(_ accessory: AccessorySpecification) async throws {
        try await world.act("shut")
        world.change { $0.isShut = true }
    }

    /// In one piece.
    public func exchange(
        _ restoration: Restoration,
        of accessory: AccessorySpecification,
        for deployment: DeploymentID,
    ) async throws -> String {
        try await world.act("exchange")
        let (copy, kept) = (Self.copy(restoration, deployment), "kept by \(deployment)")
        world.change { facts in
            guard facts.databases[kept] == nil else { return }
            facts.databases[kept] = facts.databases["tracehub"]
            facts.databases["tracehub"] = facts.databases.removeValue(forKey: copy)
            facts.isShut = false
        }
        return kept
    }

    /// As it was.
    public func takeBack(
        _ restoration: Restoration,
        of accessory: AccessorySpecification,
        for deployment: DeploymentID,
    ) async throws {
        try await world.act("take back")
        let (copy, kept) = (Self.copy(restoration, deployment), "kept by \(deployment)")
        world.change { facts in
            if let before = facts.databases.removeValue(forKey: kept) {
                facts.databases[copy] = facts.databases["tracehub"]
                facts.databases["tracehub"] = before
            }
            facts.isShut = false
            if case .backup = restoration.source { facts.databases[copy] = nil }
        }
    }
}
