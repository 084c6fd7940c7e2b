// SPDX-License-Identifier: Apache-2.0
import API
import Core
import DataSafety
import Delivery
import FoundationEssentials
import Manifest

extension BackupCounter {
    func windows(of environment: EnvironmentKey) async throws -> [WindowView] {
        guard let archives = try await policies.archives(of: environment) else { return [] }
        var views: [WindowView] = []
        for database in archives.all {
            if let view = await window(of: database, isKept: archives.kept.contains(database)) {
                views.append(view)
            }
        }
        return views
    }

    /// What one database can go back to; nil for one whose log nobody has kept.
    ///
    /// What can't be found out is a problem of it, and hides no other.
    private func window(of database: DatabaseTarget, isKept: Bool) async -> WindowView? {
        var view = WindowView(
            accessory: database.accessory.rawValue,
            database: database.description,
            stretches: [],
            problem: isKept ? nil : "opshub.yml does not say 'archive: wal' any more",
        )
        do {
            // In whole seconds, as they are shown, each of which can be asked for.
            view.stretches = try await pointInTime.windows(of: database)
                .map { window in
                    WindowView.Stretch(
                        from: Date(timeIntervalSince1970: window.from.timeIntervalSince1970.rounded(.up)),
                        to: Date(timeIntervalSince1970: window.to.timeIntervalSince1970.rounded(.down)),
                    )
                }
            guard isKept else { return view.stretches.isEmpty ? nil : view }
            view.problem = try await pointInTime.problem(of: database).map(Self.inWords)
        } catch {
            view.problem = Self.inWords(Failure.wrapping(error, doing: "reading the archive of \(database)"))
        }
        return view
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
        var problems: [String] = []
        for database in try await policies.archives(of: environment)?.kept.sorted() ?? [] {
            if let problem = try await pointInTime.problem(of: database) {
                problems.append("the log of \(database.accessory) is not archived: \(Self.inWords(problem))")
            }
            guard let tear = try await pointInTime.tear(of: database) else { continue }
            problems.append(
                "a part of the log of \(database.accessory) after \(tear.last.formatted(.iso8601)) is lost: \(tear.reason) (opshub backup list says which moments there are)"
            )
        }
        return problems
    }

    private static func inWords(_ failure: Failure) -> String {
        failure.message + (failure.hint.map { " (\($0))" } ?? "")
    }

    /// The database whose server's log is kept, which is named where there are several.
    private func archived(_ environment: EnvironmentKey, _ name: String?) async throws -> DatabaseTarget {
        let archives = try await policies.archives(of: environment)
        var all: [DatabaseTarget] = []
        for database in archives?.all ?? [] {
            let isKnown = try await !pointInTime.windows(of: database).isEmpty
            if isKnown || archives?.kept.contains(database) == true { all.append(database) }
        }
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
