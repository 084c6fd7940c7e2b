// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Foundation
import HostSystem
import Testing

@testable import PostgresTools

@Suite("Numbered SQL files")
struct SQLMigrationFilesTests {
    @Test("A file has its number, title, statements and checksum")
    func file() throws {
        let file = try SQLMigrationFile(name: "0012_add_shipment_weight.sql", text: "SELECT 1;\nSELECT 2;")
        #expect(file.revision == MigrationRevision("0012"))
        #expect(file.title == "add shipment weight")
        #expect(file.statements.map(\.text) == ["SELECT 1", "SELECT 2"])
        #expect(file.isTransactional)
        #expect(file.checksum.count == 64)
        let other = try SQLMigrationFile(name: "0012_add_shipment_weight.sql", text: "SELECT 1;\nSELECT 2; ")
        #expect(other.checksum != file.checksum)
    }

    @Test(
        "The header among the first comments, and only there, says that there is no transaction",
        arguments: [
            ("-- opshub: no-transaction\nSELECT 1", false),
            ("-- why\n--  opshub: no-transaction\nSELECT 1", false),
            ("SELECT 1;\n-- opshub: no-transaction", true), ("-- opshub: transaction\nSELECT 1", true),
        ],
    )
    func header(text: String, isTransactional: Bool) throws {
        #expect(try SQLMigrationFile(name: "0001_a.sql", text: text).isTransactional == isTransactional)
    }

    @Test(
        "A file says among its first comments that it keeps data",
        arguments: [
            ("-- why\n-- opshub: keeps-data\nSELECT 1", true),
            ("-- opshub: keeps-data\r\n-- opshub: no-transaction\r\nSELECT 1", true),
            ("SELECT 1;\n-- opshub: keeps-data", false), ("SELECT 1", false),
        ],
    )
    func keepsData(text: String, keepsData: Bool) throws {
        #expect(try SQLMigrationFile(name: "0001_a.sql", text: text).keepsData == keepsData)
        #expect(try SQLMigrationFile(prisma: "20240102030405_a", text: text).keepsData == keepsData)
    }

    @Test(
        "A file that can't be used is told why",
        arguments: [
            ("1_a.sql", "SELECT 1", "1_a.sql is not named like '0001_create_shipments.sql'"),
            ("0001a.sql", "SELECT 1", "0001a.sql is not named like '0001_create_shipments.sql'"),
            ("0001_.sql", "SELECT 1", "0001_.sql is not named like '0001_create_shipments.sql'"),
            ("٠٠٠١_a.sql", "SELECT 1", "٠٠٠١_a.sql is not named like '0001_create_shipments.sql'"),
            ("0001_a.sql", "-- nothing", "0001_a.sql has no statement"),
            ("0001_a.sql", "SELECT 1;\nSELECT 'x", "0001_a.sql:2: a text begins here and never ends"),
            ("0001_a.sql", "\n\\set x 1\n;", "0001_a.sql:2: psql's own commands do nothing here"),
            (
                "0001_a.sql", "CREATE TABLE a ();\nCOMMIT;",
                "0001_a.sql:2: COMMIT would end the transaction that OpsHub runs it in; "
                    + "begin the file with '-- opshub: no-transaction' if it must be on its own",
            ),
        ],
    )
    func problems(name: String, text: String, problem: String) {
        let error = #expect(throws: SQLMigrationFile.Problem.self) {
            try SQLMigrationFile(name: name, text: text)
        }
        #expect(error?.message == problem)
    }

    @Test("Without a transaction a file may control its own")
    func ownTransaction() throws {
        let text = "-- opshub: no-transaction\nBEGIN; SELECT 1; COMMIT;"
        #expect(try SQLMigrationFile(name: "0001_a.sql", text: text).statements.count == 3)
    }

    @Test("A folder is read in the order of the numbers, and other files in it are passed over")
    func folder() async throws {
        try await SQLFolder.with(["0002_b.sql": "SELECT 2", "0001_a.sql": "SELECT 1", "README.md": "x"]) {
            path in
            let files = try SQLMigrationFolder(path).files
            #expect(files.map(\.name) == ["0001_a.sql", "0002_b.sql"])
        }
    }

    @Test("A folder that is not there, and one without files, are told apart")
    func emptyFolder() async throws {
        let failure = #expect(throws: Failure.self) { try SQLMigrationFolder("/nowhere/migrations") }
        #expect(failure?.code == .migrationFailed)
        #expect(failure?.message == "there is no folder /nowhere/migrations")
        try await SQLFolder.with([:]) { path in
            let files = try SQLMigrationFolder(path).files
            #expect(files.isEmpty)
        }
    }

    @Test(
        "Gaps and numbers that are there twice are told, all at once",
        arguments: [
            (["0002_b.sql"], ["0002_b.sql comes after nothing: a number is missing between"]),
            (
                ["0001_a.sql", "0003_c.sql", "0003_d.sql", "0005_e.sql"],
                [
                    "0003_c.sql comes after 0001_a.sql: a number is missing between",
                    "0003_c.sql and 0003_d.sql have the same number",
                    "0005_e.sql comes after 0003_d.sql: a number is missing between",
                ],
            ),
            (["0000_z.sql", "0001_a.sql"], ["0000_z.sql: numbers begin at 0001"]),
        ],
    )
    func gaps(names: [String], problems: [String]) async throws {
        let files = Dictionary(uniqueKeysWithValues: names.map { ($0, "SELECT 1") })
        try await SQLFolder.with(files) { path in
            let failure = #expect(throws: Failure.self) { try SQLMigrationFolder(path) }
            #expect(failure?.evidence == problems)
            let all = Set((failure?.evidence ?? []) + [failure?.message ?? ""])
            #expect(all.contains { $0.contains(problems[0]) })
        }
    }

    // MARK: Against what the database knows

    @Test("that are links are refused: the control plane may read what their author may not")
    func links() throws {
        let path = "/tmp/opshub-test-links-\(UInt32.random(in: .min ... .max))"
        try Folder.make("\(path)/migrations")
        defer { try? Folder.remove(path) }  // What is left is only disk, in a folder for temporary files.
        try FileContent.write(Array("SELECT 'secret';".utf8), to: "\(path)/elsewhere")
        try FileManager.default.createSymbolicLink(
            atPath: "\(path)/migrations/0001_x.sql",
            withDestinationPath: "\(path)/elsewhere",
        )
        let failure = #expect(throws: Failure.self) { try SQLMigrationFolder("\(path)/migrations") }
        #expect(failure?.message.contains("0001_x.sql is a link") == true)
        #expect(failure?.message.contains("secret") == false)
    }

    private static func folder(_ path: String) throws -> SQLMigrationFolder { try SQLMigrationFolder(path) }

    private static let three = ["0001_a.sql": "SELECT 1", "0002_b.sql": "SELECT 2", "0003_c.sql": "SELECT 3"]

    private static func record(_ file: SQLMigrationFile, isFinished: Bool = true) -> SQLMigrationRecord {
        SQLMigrationRecord(
            revision: file.revision,
            name: file.name,
            checksum: file.checksum,
            statements: 0,
            isFinished: isFinished,
        )
    }

    @Test("Everything after what is applied is pending", arguments: 0...3)
    func pending(count: Int) async throws {
        try await SQLFolder.with(Self.three) { path in
            let folder = try SQLMigrationFolder(path)
            let records = folder.files.prefix(count).map { ($0.revision, Self.record($0)) }
            let outlook = try SQLMigrationPlan(folder, Dictionary(uniqueKeysWithValues: records)).outlook
            #expect(outlook.current == folder.files.prefix(count).last.map { [$0.revision] } ?? [])
            #expect(outlook.pending.map(\.id) == folder.files.dropFirst(count).map(\.revision))
            #expect(outlook.targets == [MigrationRevision("0003")])
            #expect(outlook.unknown.isEmpty)
        }
    }

    @Test("One that was begun without a transaction is still pending")
    func begun() async throws {
        try await SQLFolder.with(Self.three) { path in
            let folder = try SQLMigrationFolder(path)
            let (first, second) = (folder.files[0], folder.files[1])
            let records = [
                first.revision: Self.record(first), second.revision: Self.record(second, isFinished: false),
            ]
            let plan = try SQLMigrationPlan(folder, records)
            #expect(plan.pending.map(\.name) == ["0002_b.sql", "0003_c.sql"])
            #expect(plan.current == [first.revision])
        }
    }

    @Test("What is applied and not in the release makes the database ahead")
    func ahead() async throws {
        try await SQLFolder.with(Self.three) { path in
            let folder = try SQLMigrationFolder(path)
            var records = Dictionary(
                uniqueKeysWithValues: folder.files.map { ($0.revision, Self.record($0)) }
            )
            let later = MigrationRevision("0004")
            records[later] = SQLMigrationRecord(
                revision: later,
                name: "0004_d.sql",
                checksum: "x",
                statements: 1,
                isFinished: true,
            )
            let outlook = try SQLMigrationPlan(folder, records).outlook
            #expect(outlook.unknown == [later])
            #expect(outlook.current == [later])
            #expect(outlook.pending.isEmpty)
        }
    }

    @Test("A file that was changed or slipped in is refused, with what to do instead")
    func refused() async throws {
        try await SQLFolder.with(Self.three) { path in
            let folder = try SQLMigrationFolder(path)
            let (first, third) = (folder.files[0], folder.files[2])
            let changed = SQLMigrationRecord(
                revision: first.revision,
                name: "0001_old.sql",
                checksum: "x",
                statements: 1,
                isFinished: true,
            )
            let failure = #expect(throws: Failure.self) {
                try SQLMigrationPlan(folder, [first.revision: changed, third.revision: Self.record(third)])
            }
            #expect(failure?.code == .migrationFailed)
            #expect(
                failure?.evidence == [
                    "0001_a.sql was changed after it was applied as 0001_old.sql",
                    "0002_b.sql is new, but 0003 is applied already",
                ]
            )
            #expect(failure?.hint?.contains("in a new one") == true)
        }
    }
}
