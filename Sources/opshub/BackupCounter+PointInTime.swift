// SPDX-License-Identifier: Apache-2.0
import API
import Core
import DataSafety
import Delivery
import FoundationEssentials
import Manifest

extension BackupCounter {
    func windows(of environment: EnvironmentKey) async throws -> [WindowView] {
        var views: [WindowView] = []
        for database in try await policies.policy(of: environment)?.archived ?? [] {
            views.append(
                WindowView(
                    accessory: database.accessory.rawValue,
                    database: database.description,
                    stretches: try await pointInTime.windows(of: database)
                        .map { WindowView.Stretch(from: $0.from, to: $0.to) },
                    problem: pointInTime.problem(of: database).map(Self.inWords),
                )
            )
        }
        return views
    }

    /// A backup of one database as it was at a moment.
    func create(
        _ environment: EnvironmentKey,
        asOf moment: Date,
        _ order: BackupOrder,
        by person: String,
    ) async throws -> BackupView {
        let database = try await archived(environment, order.accessory)
        let written = try await pointInTime.backup(database, asOf: moment, by: person)
        guard order.isProven != false else { return Self.view(written) }
        return Self.view(try Self.proven(try await backups.drill(written.id)))
    }

    /// What keeps moments from being gone back to, in words.
    func archiveProblems(of environment: EnvironmentKey) async throws -> [String] {
        try await policies.policy(of: environment)?.archived
            .compactMap { database in
                pointInTime.problem(of: database)
                    .map { "the log of \(database.accessory) is not archived: \(Self.inWords($0))" }
            } ?? []
    }

    private static func inWords(_ failure: Failure) -> String {
        failure.message + (failure.hint.map { " (\($0))" } ?? "")
    }

    /// The database whose server's log is kept, which is named where there are several.
    private func archived(_ environment: EnvironmentKey, _ name: String?) async throws -> DatabaseTarget {
        let all = try await policies.policy(of: environment)?.archived ?? []
        guard !all.isEmpty else {
            throw Failure(
                .conflict,
                "no server of \(environment) keeps its log, so its databases go back to backups alone",
                hint: "say 'archive: wal' beside 'postgres:' in opshub.yml, and deploy",
            )
        }
        let names = all.map(\.accessory.rawValue).joined(separator: ", ")
        guard let name else {
            guard all.count == 1 else {
                throw Failure(
                    .invalid,
                    "\(environment) has several: \(names)",
                    hint: "say which: --accessory NAME",
                )
            }
            return all[0]
        }
        guard let found = all.first(where: { $0.accessory.rawValue == name }) else {
            throw Failure(
                .notFound,
                "\(environment) keeps no log of \(name)",
                hint: "it keeps that of \(names)",
            )
        }
        return found
    }
}
