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
