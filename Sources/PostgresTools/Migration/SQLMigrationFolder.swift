// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// The numbered files of a release: 0001, 0002, … without a gap.
struct SQLMigrationFolder: Hashable {
    /// In the order of their numbers.
    let files: [SQLMigrationFile]

    /// Reads every `.sql` file of a folder.
    ///
    /// Throws `migration-failed` that lists everything that is wrong with them.
    init(_ path: String) throws(Failure) {
        guard Folder.exists(path) else {
            throw Failure(
                .migrationFailed,
                "there is no folder \(path)",
                hint: "say where the migrations are: 'migrations: { tool: sql, folder: … }' in opshub.yml",
            )
        }
        var problems: [String] = []
        var files: [SQLMigrationFile] = []
        let names = try Folder.names(in: path).filter { $0.hasSuffix(".sql") }
        for name in names where !name.hasSuffix(SQLMigrationFile.downSuffix) {
            // The control plane reads them, which may read more than whoever wrote the link.
            guard !Folder.isLink("\(path)/\(name)") else {
                problems.append("\(name) is a link: a migration is a file of its own")
                continue
            }
            do {
                files.append(
                    try SQLMigrationFile(
                        name: name,
                        text: try SQLMigrationFile.text(of: "\(path)/\(name)") ?? "",
                    )
                )
                let down = String(name.dropLast(".sql".count)) + SQLMigrationFile.downSuffix
                guard names.contains(down) else { continue }
                guard !Folder.isLink("\(path)/\(down)") else {
                    problems.append("\(down) is a link: a migration is a file of its own")
                    continue
                }
                try files[files.count - 1]
                    .addWayDown(
                        name: down,
                        text: try SQLMigrationFile.text(of: "\(path)/\(down)") ?? "",
                    )
            } catch let problem as SQLMigrationFile.Problem {
                problems.append(problem.message)
            } catch {
                throw Failure.wrapping(error, doing: "reading \(path)/\(name)")
            }
        }
        for name in names where name.hasSuffix(SQLMigrationFile.downSuffix) {
            let up = String(name.dropLast(SQLMigrationFile.downSuffix.count)) + ".sql"
            if !names.contains(up) { problems.append("\(name) takes nothing back: there is no \(up)") }
        }
        problems += Self.gaps(files)
        if let refusal = SQLMigrationFile.refusal(problems) { throw refusal }
        self.files = files
    }

    private static func gaps(_ files: [SQLMigrationFile]) -> [String] {
        var problems: [String] = []
        var last: SQLMigrationFile?
        for file in files {
            let (number, before) = (
                Int(file.revision.rawValue) ?? 0, Int(last?.revision.rawValue ?? "0") ?? 0,
            )
            if let last, number == before {
                problems.append("\(last.name) and \(file.name) have the same number")
            } else if number > before + 1 {
                problems.append(
                    "\(file.name) comes after \(last?.name ?? "nothing"): a number is missing between"
                )
            } else if number == 0 {
                problems.append("\(file.name): numbers begin at 0001")
            }
            last = file
        }
        return problems
    }
}
