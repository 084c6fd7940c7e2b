// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// Roles of a backup's server that its dump names, so that it does not restore where they are not there.
struct NamedRoles {
    let names: Set<String>

    /// Finds them.
    ///
    /// - Parameters:
    ///   - roles: The roles of the server, as SQL; see ``DataSafety/BackupContent/roles``.
    ///   - outline: Of the dump.
    ///   - isOwned: Whether owners and privileges are restored too: policies and user mappings are in any case.
    init(_ roles: String, in outline: ArchiveOutline, isOwned: Bool) {
        var named: Set<String> = []
        for entry in outline.entries {
            if isOwned { named.insert(entry.owner) }
            switch entry.kind {
            case "POLICY": named.formUnion(SQLNames.list(after: "TO", in: entry.statement))
            case "USER MAPPING": named.formUnion(SQLNames.list(after: "FOR", in: entry.statement))
            case "ACL" where isOwned, "DEFAULT ACL" where isOwned:
                named.formUnion(SQLNames.all(in: entry.statement))
            default: break
            }
        }
        names = named.intersection(Self.roles(roles))
    }

    /// Those of them that a server lacks, in order.
    func missing(in session: PostgresSession) async throws -> [String] {
        guard !names.isEmpty else { return [] }
        return names.subtracting(try await session.query("SELECT rolname FROM pg_roles").map { $0[0] })
            .sorted()
    }

    /// Makes a role by somebody who may.
    ///
    /// Nobody can log in as it, and it may nothing but what the dump grants: a backup that is brought back opens no door.
    static func making(_ name: String) -> String { "CREATE ROLE \(SQLName.quoted(name)) NOLOGIN" }

    /// What somebody has to know of those that were made.
    static func remarks(_ made: [String]) -> [String] {
        guard !made.isEmpty else { return [] }
        let (which, they) = made.count == 1 ? ("role", "it was") : ("roles", "they were")
        return [
            "made the \(which) \(made.joined(separator: ", ")), as which nobody can log in: \(they) not there"
        ]
    }

    /// Which roles a script of `pg_dumpall` makes: whatever else stands in its texts is none.
    private static func roles(_ script: String) -> Set<String> {
        // What ends within something was refused when the backup was drilled.
        let statements = (try? SQLScript.statements(script)) ?? []
        let names = statements.compactMap { statement -> String? in
            let words = SQLNames.all(in: statement.text)
            return words.count == 3 && statement.text.hasPrefix("CREATE ROLE ") ? words[2] : nil
        }
        return Set(names)
    }
}

/// Names in a statement, as they are: without the quotes that SQL writes some in.
enum SQLNames {
    /// Every name and word outside of texts.
    static func all(in statement: String) -> [String] { words(of: statement).map(\.name) }

    /// Those of a list that begins after a bare word, outside of parentheses: `TO reader, "Odd"`.
    static func list(after word: String, in statement: String) -> [String] {
        let words = words(of: statement)
        guard let begin = words.firstIndex(where: { $0.isBare && $0.depth == 0 && $0.name == word }) else {
            return []
        }
        var found: [String] = []
        for (index, next) in words[(begin + 1)...].enumerated() {
            guard next.depth == 0, index == 0 || next.followsComma else { break }
            found.append(next.name)
        }
        return found
    }

    private struct Word {
        var name: String
        var isBare: Bool
        var depth: Int
        var followsComma: Bool
    }

    private static func words(of statement: String) -> [Word] {
        var (found, rest, depth, followsComma) = ([Word](), Substring(statement), 0, false)
        while let next = rest.first {
            switch next {
            case "'": rest = after("'", rest, escapes: false).rest
            case "\"":
                let (name, left) = after("\"", rest, escapes: false)
                found.append(Word(name: name, isBare: false, depth: depth, followsComma: followsComma))
                (rest, followsComma) = (left, false)
            case _ where next.isLetter || next == "_":
                let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
                rest = rest.dropFirst(name.count)
                if name == "E", rest.first == "'" {
                    rest = after("'", rest, escapes: true).rest
                } else {
                    found.append(
                        Word(name: String(name), isBare: true, depth: depth, followsComma: followsComma)
                    )
                    followsComma = false
                }
            default:
                if next == "(" { depth += 1 }
                if next == ")" { depth -= 1 }
                if next == "," { followsComma = true }
                rest = rest.dropFirst()
            }
        }
        return found
    }

    /// What stands in quotes, and what follows them.
    private static func after(
        _ quote: Character,
        _ text: Substring,
        escapes: Bool,
    ) -> (name: String, rest: Substring) {
        var (name, rest) = ("", text.dropFirst())
        while let next = rest.first {
            rest = rest.dropFirst()
            if escapes, next == "\\" {
                rest = rest.dropFirst()
            } else if next == quote {
                guard rest.first == quote else { break }
                name.append(next)
                rest = rest.dropFirst()
            } else {
                name.append(next)
            }
        }
        return (name, rest)
    }
}
