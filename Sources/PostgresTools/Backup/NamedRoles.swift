// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// Roles of a backup's server that its dump names, so that it does not restore where they are not there.
struct NamedRoles {
    /// As SQL writes them.
    let names: [String]

    /// Finds them.
    ///
    /// - Parameters:
    ///   - roles: The roles of the server, as SQL; see ``DataSafety/BackupContent/roles``.
    ///   - outline: Of the dump.
    ///   - isOwned: Whether owners and privileges are restored too: policies and user mappings are in any case.
    init(_ roles: String, in outline: ArchiveOutline, isOwned: Bool) {
        let prefix = "CREATE ROLE "
        let all = roles.split(separator: "\n").filter { $0.hasPrefix(prefix) && $0.hasSuffix(";") }
            .map { String($0.dropFirst(prefix.count).dropLast()) }
        let kinds: Set<String> =
            isOwned ? ["POLICY", "USER MAPPING", "ACL", "DEFAULT ACL"] : ["POLICY", "USER MAPPING"]
        let texts = outline.entries.filter { kinds.contains($0.kind) }.map(\.statement)
        let owners = isOwned ? Set(outline.entries.map(\.owner)) : []
        names = all.filter { name in
            owners.contains(Self.unquoted(name)) || texts.contains { Self.isNamed(name, in: $0) }
        }
    }

    /// Makes those that a server lacks, by somebody who may.
    ///
    /// Nobody can log in as one, and it may nothing but what the dump grants: a backup that is brought back opens no door.
    ///
    /// - Returns: Their names.
    func make(in session: PostgresSession) async throws -> [String] {
        guard !names.isEmpty else { return [] }
        let known = Set(try await session.query("SELECT rolname FROM pg_roles").map { $0[0] })
        let missing = names.filter { !known.contains(Self.unquoted($0)) }
        for name in missing { try await session.query("CREATE ROLE \(name) NOLOGIN") }
        return missing
    }

    /// What somebody has to know of those that were made.
    static func remarks(_ made: [String]) -> [String] {
        guard !made.isEmpty else { return [] }
        let (which, they) = made.count == 1 ? ("role", "it was") : ("roles", "they were")
        return [
            "made the \(which) \(made.joined(separator: ", ")), as which nobody can log in: \(they) not there"
        ]
    }

    private static func unquoted(_ name: String) -> String {
        name.hasPrefix("\"") ? String(name.dropFirst().dropLast()).replacing("\"\"", with: "\"") : name
    }

    /// Whether a text has the name, and not only another that contains it.
    private static func isNamed(_ name: String, in text: String) -> Bool {
        text.ranges(of: name)
            .contains { range in
                let before =
                    range.lowerBound > text.startIndex ? text[text.index(before: range.lowerBound)] : " "
                let after = range.upperBound < text.endIndex ? text[range.upperBound] : " "
                return !isPart(before) && !isPart(after)
            }
    }

    private static func isPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "$" || character == "\""
    }
}
