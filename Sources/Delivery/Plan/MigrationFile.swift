// SPDX-License-Identifier: Apache-2.0
import Manifest

/// A migration as its file tells of it, before any tool has been asked.
struct MigrationFile {
    let migration: PendingMigration
    /// Revisions that come before it.
    let after: [String]

    /// Reads a file; nil when it is none of the tool's migrations.
    ///
    /// Of Alembic's the lines `revision = …` and `down_revision = …`, which make it one, and the first line of the description, as its own
    /// template writes them.
    init?(path: String, text: String, tool: MigrationsManifest.Tool) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        switch tool {
        case .sql:
            guard name.hasSuffix(".sql"), !name.hasSuffix(".down.sql"), name.count > 9,
                name.prefix(4).allSatisfy(\.isNumber)
            else { return nil }
            let title = name.dropFirst(5).dropLast(4).map { $0 == "_" ? " " : String($0) }.joined()
            migration = PendingMigration(revision: String(name.prefix(4)), title: title)
            after = []
        case .prisma:
            let folders = path.split(separator: "/").dropLast()
            guard name == "migration.sql", let folder = folders.last else { return nil }
            let isStamped = folder.prefix(14).count(where: \.isNumber) == 14
            let title = (isStamped ? folder.dropFirst(15) : folder).map { $0 == "_" ? " " : String($0) }
            migration = PendingMigration(revision: String(folder), title: title.joined())
            after = []
        case .alembic:
            guard name.hasSuffix(".py") else { return nil }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            guard let revision = Self.values(of: "revision", in: lines).first,
                Self.line(of: "down_revision", in: lines) != nil
            else { return nil }
            let title = lines.first.map { line in
                line.drop { $0 == "\"" || $0 == "'" }.prefix { $0 != "\"" }
            }
            migration = PendingMigration(
                revision: revision,
                title: title.map { String($0).trimmingBlanks } ?? "",
            )
            after = Self.values(of: "down_revision", in: lines)
        }
    }

    /// The quoted texts that a variable is assigned.
    private static func values(of name: String, in lines: [Substring]) -> [String] {
        guard let value = line(of: name, in: lines)?.split(separator: "=", maxSplits: 1).last else {
            return []
        }
        let pieces = value.split(omittingEmptySubsequences: false) { $0 == "\"" || $0 == "'" }
        return pieces.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    /// The line that assigns a variable.
    private static func line(of name: String, in lines: [Substring]) -> Substring? {
        lines.first { $0.hasPrefix("\(name) =") || $0.hasPrefix("\(name):") }
    }
}

extension ProjectManifest {
    /// Those of a commit's paths that may be migrations: of Alembic's, what is in a folder `versions` below that of alembic.ini, wherever its
    /// `script_location` is.
    func migrationPaths(among paths: [String]) -> [String] {
        guard let migrations, let service = services.first(where: { $0.name == migrations.service }) else {
            return []
        }
        let folder = [service.path, migrations.folder].filter { $0 != "." }.map { "\($0)/" }.joined()
        return paths.filter { path in
            guard path.hasPrefix(folder) else { return false }
            return migrations.tool != .alembic
                || path.dropFirst(folder.count).split(separator: "/").dropLast().contains("versions")
        }
    }
}

extension [MigrationFile] {
    /// In the order in which they are applied.
    var inOrder: [PendingMigration] {
        var (left, ordered) = (
            sorted { $0.migration.revision < $1.migration.revision }, [PendingMigration](),
        )
        while !left.isEmpty {
            let waiting = Set(left.map(\.migration.revision))
            let index = left.firstIndex { waiting.isDisjoint(with: $0.after) } ?? 0
            ordered.append(left.remove(at: index).migration)
        }
        return ordered
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
