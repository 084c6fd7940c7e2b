// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import Foundation
import Server

/// Restores of one backup, `b1`, and of what `d1` has replaced.
struct ScriptedRestoreDesk: RestoreDesk {
    static let asOf = Date(timeIntervalSince1970: 1_700_000_000)

    func outlook(_ order: RestoreOrder, in environment: EnvironmentKey) async throws -> RestoreView {
        let restoration = try await restoration(order, in: environment)
        return RestoreView(
            source: restoration.source.description,
            backup: order.undo == nil ? "b1" : nil,
            proof: "verified",
            database: "\(environment)/db/tracehub",
            asOf: Self.asOf,
            now: Self.asOf,
            lost: [RestoreView.Lost(table: "public.t", inserted: 1, updated: 2, deleted: 3)],
            schemaDifferences: [],
            servedThen: nil,
            serving: "r1",
            keepsOld: 604_800,
        )
    }

    func restore(
        _ order: TableRestoreOrder,
        in environment: EnvironmentKey,
    ) async throws -> RestoredTableView {
        guard order.backup ?? "b1" == "b1" else { throw Failure(.notFound, "there is no such thing") }
        return RestoredTableView(
            backup: "b1",
            asOf: Self.asOf,
            database: "\(environment)/db/tracehub",
            source: "public.\(order.table)",
            table: "\"public\".\"\(order.name ?? "\(order.table)_b1")\"",
            columns: "id",
            rows: 3,
        )
    }

    func restoration(_ order: RestoreOrder, in environment: EnvironmentKey) async throws -> Restoration {
        guard order.backup ?? "b1" == "b1", order.undo ?? "d1" == "d1" else {
            throw Failure(.notFound, "there is no such thing")
        }
        return Restoration(
            source: order.undo.map { .kept(by: DeploymentID($0), as: "\($0)_x") } ?? .backup("b1"),
            accessory: AccessoryName("db"),
            asOf: Self.asOf,
            masking: order.masking,
        )
    }
}
