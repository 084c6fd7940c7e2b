// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import HostSystem

@testable import PostgresTools

/// A built release of a project that migrates with Alembic.
struct AlembicProject: Sendable {
    /// The service's folder.
    let folder: String
    private let home: TestHome

    /// Puts one into a home, with the revisions of these cases beside the two of the base; sealed, as
    /// releases are.
    static func make(in home: TestHome, _ cases: String...) async throws -> AlembicProject {
        let environment = try await AlembicEnvironment.ensure()
        let name = String((0..<8).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement() ?? "a" })
        let releases = "\(home.layout.environment(home.environment))/releases"
        try Folder.make(releases)
        let project = AlembicProject(folder: "\(releases)/\(name)", home: home)
        let files = FileManager.default
        try files.copyItem(atPath: "\(AlembicEnvironment.fixtures)/base", toPath: project.folder)
        try files.createSymbolicLink(atPath: "\(project.folder)/.venv", withDestinationPath: environment)
        for name in cases { try project.add(name) }
        try await project.seal()
        return project
    }

    /// Adds the revisions of a case.
    func add(_ name: String) throws {
        let source = "\(AlembicEnvironment.fixtures)/\(name)"
        for file in try Folder.names(in: source) {
            try FileManager.default.copyItem(
                atPath: "\(source)/\(file)",
                toPath: "\(folder)/migrations/versions/\(file)",
            )
        }
    }

    /// Takes a revision's file away.
    func remove(_ file: String) throws {
        try Folder.remove("\(folder)/migrations/versions/\(file)")
    }

    /// Nothing in it can be changed by who runs it.
    func seal() async throws {
        _ = try await AccountBuildRunner().seal(folder, of: home.environment)
    }
}
