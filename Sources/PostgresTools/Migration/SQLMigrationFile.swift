// SPDX-License-Identifier: Apache-2.0
import Core
import Crypto
import DataSafety
import HostSystem

/// One migration as SQL: `0002_add_shipment_weight.sql`, or Prisma's `20240102030405_add_weight/migration.sql`.
struct SQLMigrationFile: Hashable {
    /// The header that a file has whose statements can't be in a transaction.
    static let header = "-- opshub: no-transaction"

    /// How the name of the file ends that takes one back: `0002_add_shipment_weight.down.sql`.
    static let downSuffix = ".down.sql"

    /// Its number, with its zeros; of Prisma's the whole name of its folder.
    let revision: MigrationRevision
    /// What people call it: `add shipment weight`.
    let title: String
    /// Its name.
    let name: String
    /// The name of the file that takes it back.
    let downName: String
    /// SHA-256 of its bytes.
    let checksum: String
    /// What it does, in order.
    private(set) var statements: [SQLStatement]
    /// Whether it says that taking it back and applying it again keeps every value.
    let keepsData: Bool
    /// Whether all of it happens or nothing.
    let isTransactional: Bool
    /// What takes it back, in order; nil when no file says it.
    private(set) var down: [SQLStatement]?

    /// Reads a file.
    ///
    /// - Throws: What is wrong with it, in one sentence.
    init(name: String, text: String) throws(Problem) {
        guard Self.isWellNamed(name) else {
            throw Problem("\(name) is not named like '0001_create_shipments.sql'")
        }
        revision = MigrationRevision(String(name.prefix(4)))
        title = String(name.dropFirst(5).dropLast(4)).replacing("_", with: " ")
        self.name = name
        downName = String(name.dropLast(".sql".count)) + Self.downSuffix
        checksum = SHA256.hash(data: Array(text.utf8)).hexadecimal
        isTransactional = !Self.says(String(Self.header.dropFirst(3)), text)
        keepsData = Self.says(MigrationEntry.keepsDataMark, text)
        do {
            statements = try SQLScript.statements(text)
        } catch {
            throw Problem("\(name):\(error.line): \(error.what) begins here and never ends")
        }
        try check()
    }

    /// What is thrown for everything that is wrong with a folder of files; nil when nothing is.
    static func refusal(_ problems: [String]) -> Failure? {
        guard let first = problems.first else { return nil }
        return Failure(
            .migrationFailed,
            problems.count == 1
                ? "the migrations can't be used: \(first)"
                : "the migrations have \(problems.count) mistakes",
            evidence: problems,
        )
    }

    /// The text of a file; nil when there is none.
    ///
    /// Throws a ``Problem`` for bytes that are not UTF-8: what would be put in their place would be applied.
    static func text(of path: String) throws -> String? {
        guard let bytes = try FileContent.bytes(of: path) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let name = path.split(separator: "/").suffix(2).joined(separator: "/")
            throw Problem("\(name) is not UTF-8")
        }
        return text
    }

    /// Reads a migration of Prisma's, which may be empty.
    ///
    /// It is one transaction, as it is to Prisma: one script that is sent at once. What ends transactions itself, or is a single statement that bears
    /// none, runs as it is.
    ///
    /// - Throws: What is wrong with it, in one sentence.
    init(prisma folder: String, text: String) throws(Problem) {
        revision = MigrationRevision(folder)
        let isStamped = folder.prefix(14).count(where: \.isNumber) == 14
        title = String(isStamped ? folder.dropFirst(15) : folder[...]).replacing("_", with: " ")
        name = "\(folder)/migration.sql"
        downName = "\(folder)/down.sql"
        checksum = SHA256.hash(data: Array(text.utf8)).hexadecimal
        keepsData = Self.says(MigrationEntry.keepsDataMark, text)
        do {
            statements = try SQLScript.statements(text)
        } catch {
            throw Problem("\(name):\(error.line): \(error.what) begins here and never ends")
        }
        // A whole file in a transaction of its own is one in OpsHub's too.
        if let first = statements.first, let last = statements.last, statements.count > 2,
            first.beginsTransaction, last.commitsTransaction,
            !statements.dropFirst().dropLast().contains(where: \.controlsTransaction)
        {
            statements = Array(statements.dropFirst().dropLast())
        }
        isTransactional =
            !statements.contains(where: \.controlsTransaction)
            && !(statements.count == 1 && statements[0].refusesTransaction)
    }

    /// Whether it begins or ends transactions itself.
    var controlsTransaction: Bool { statements.contains(where: \.controlsTransaction) }

    /// Takes the text that says how this one is taken back; always in one transaction.
    mutating func addWayDown(prisma text: String) throws(Problem) {
        do {
            down = try SQLScript.statements(text)
        } catch {
            throw Problem("\(downName):\(error.line): \(error.what) begins here and never ends")
        }
    }

    /// Takes the file that says how this one is taken back; always in one transaction.
    mutating func addWayDown(name: String, text: String) throws(Problem) {
        let file = try SQLMigrationFile(name: name, text: text)
        guard file.isTransactional else { throw Problem("\(name): a way back is one transaction") }
        down = file.statements
    }

    /// Whether one of the comments that a file begins with says this.
    private static func says(_ words: String, _ text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).prefix { $0.hasPrefix("--") }
            .contains { line in line.drop { $0 == "-" || $0.isWhitespace }.hasPrefix(words) }
    }

    private func check() throws(Problem) {
        guard !statements.isEmpty else { throw Problem("\(name) has no statement") }
        for statement in statements {
            if statement.text.hasPrefix("\\") {
                throw Problem("\(name):\(statement.line): psql's own commands do nothing here")
            }
            if isTransactional, statement.controlsTransaction {
                throw Problem(
                    "\(name):\(statement.line): \(statement.keyword) would end the transaction that OpsHub runs it in; "
                        + "begin the file with '\(Self.header)' if it must be on its own"
                )
            }
        }
    }

    private static func isWellNamed(_ name: String) -> Bool {
        let digits = name.utf8.prefix(4)
        return name.hasSuffix(".sql") && name.utf8.count > 9 && digits.count == 4
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            && name.utf8.dropFirst(4).first == UInt8(ascii: "_")
    }

    /// What is wrong with a file.
    struct Problem: Error, Hashable {
        /// One sentence.
        let message: String

        /// Says it.
        init(_ message: String) {
            self.message = message
        }
    }
}
