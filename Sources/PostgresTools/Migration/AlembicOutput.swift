// SPDX-License-Identifier: Apache-2.0
import HostSystem

/// What Alembic and SQLAlchemy write when something goes wrong.
struct AlembicOutput {
    private let lines: [String]

    /// Wraps lines.
    init(_ lines: [String]) {
        self.lines = lines
    }

    /// The revision that was being applied last: `INFO … Running upgrade 0002 -> 0003, convert pounds`.
    var running: String? {
        lines.last { $0.contains("Running upgrade ") }
            .flatMap { line in
                line.firstRange(of: " -> ")
                    .map { String(line[$0.upperBound...].prefix { $0 != "," && $0 != " " }) }
            }
    }

    /// The database's own sentence, with the driver's name for its kind; otherwise the last thing that was
    /// said.
    ///
    /// `sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedColumn) column "x" does not exist`,
    /// `FAILED: Can't locate revision identified by '9'`.
    var error: String? {
        if let line = lines.last(where: { $0.hasPrefix("sqlalchemy.exc.") }) {
            return line.firstRange(of: ": ").map { String(line[$0.upperBound...]) } ?? line
        }
        return lines.last { $0.hasPrefix("psycopg") || $0.hasPrefix("asyncpg") || $0.hasPrefix("FAILED: ") }
            ?? lines.last { !$0.allSatisfy(\.isWhitespace) }
    }

    /// The statement that was refused, as SQLAlchemy shows it: `[SQL: …]`, over several lines perhaps.
    var statement: String? {
        guard let start = lines.lastIndex(where: { $0.hasPrefix("[SQL: ") }) else { return nil }
        let end = lines[start...].firstIndex { $0.hasSuffix("]") } ?? start
        return String(lines[start...end].joined(separator: "\n").dropFirst(6).dropLast())
    }

    /// Whether a lock could not be had in time, or waiting for it would never have ended.
    ///
    /// The names are those of SQLSTATE 55P03 and 40P01 in psycopg, psycopg2 and asyncpg.
    var isLockTimeout: Bool {
        lines.contains { line in
            (line.contains("LockNotAvailable") || line.contains("DeadlockDetected")) && !line.hasPrefix(" ")
        }
    }

    /// Whether the server ended a statement because somebody asked it to.
    ///
    /// SQLSTATE 57014, of which a statement's own time limit is another sentence.
    var wasCancelled: Bool {
        lines.contains { $0.contains("canceling statement due to user request") && !$0.hasPrefix(" ") }
    }

    /// The database's revision that the release does not have.
    var unknownRevision: String? {
        let words = "Can't locate revision identified by '"
        return lines.lazy
            .compactMap { line in
                line.firstRange(of: words).map { String(line[$0.upperBound...].prefix { $0 != "'" }) }
            }
            .first
    }

    /// The end, for a person to read.
    var tail: [String] { lines.joined(separator: "\n").lastLines(20) }
}
