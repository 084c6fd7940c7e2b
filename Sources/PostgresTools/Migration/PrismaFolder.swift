// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// Prisma's migrations: a folder for each, with `migration.sql` in it, in the order of their names.
enum PrismaFolder {
    /// Says which database they are for.
    private static let lockFile = "migration_lock.toml"

    /// Reads every migration of a folder, with `down.sql` where somebody has written one.
    ///
    /// Throws `migration-failed` that lists everything that is wrong with them.
    static func files(_ path: String) throws(Failure) -> [SQLMigrationFile] {
        guard Folder.exists(path) else {
            throw Failure(
                .migrationFailed,
                "there is no folder \(path)",
                hint: "say where the migrations are: 'migrations: { tool: prisma, path: … }' in opshub.yml",
            )
        }
        var problems: [String] = []
        if let provider = try provider(path), provider != "postgresql" {
            problems.append("\(lockFile) says that they are for \(provider), and the accessory is PostgreSQL")
        }
        var files: [SQLMigrationFile] = []
        for name in try Folder.names(in: path) where name != lockFile {
            guard try FileStatus.of("\(path)/\(name)")?.isFolder == true else {
                // Whatever else lies there is nothing to Prisma either, but a link could be a migration to it.
                if Folder.isLink("\(path)/\(name)") { problems.append("\(name) is a link") }
                continue
            }
            do {
                guard let text = try text(of: "\(path)/\(name)/migration.sql") else {
                    problems.append("\(name) has no migration.sql")
                    continue
                }
                var file = try SQLMigrationFile(prisma: name, text: text)
                if let down = try self.text(of: "\(path)/\(name)/down.sql") {
                    try file.addWayDown(prisma: down)
                }
                files.append(file)
            } catch let problem as SQLMigrationFile.Problem {
                problems.append(problem.message)
            } catch {
                throw Failure.wrapping(error, doing: "reading \(path)/\(name)")
            }
        }
        if let refusal = SQLMigrationFile.refusal(problems) { throw refusal }
        return files
    }

    /// What is in a file; nil when there is none.
    ///
    /// Throws for a link: the control plane reads it, which may read more than whoever wrote the link.
    private static func text(of path: String) throws -> String? {
        guard !Folder.isLink(path) else {
            throw SQLMigrationFile.Problem("\(path) is a link: a migration is a file of its own")
        }
        return try SQLMigrationFile.text(of: path)
    }

    /// `provider = "postgresql"`.
    private static func provider(_ path: String) throws(Failure) -> String? {
        guard !Folder.isLink("\(path)/\(lockFile)"),
            let text = try FileContent.text(of: "\(path)/\(lockFile)")
        else { return nil }
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("provider") }
        return line?.split(separator: "\"").dropFirst().first.map(String.init)
    }
}
