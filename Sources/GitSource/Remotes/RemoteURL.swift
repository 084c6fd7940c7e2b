// SPDX-License-Identifier: Apache-2.0
import Core

/// The address of a remote that OpsHub is willing to hand to git.
///
/// git's own language has more (gitremote-helpers(7)): `ext::` runs a command, `git://` proves nothing of who answers.
struct RemoteURL: Hashable, Sendable {
    /// How the remote is reached.
    enum Way: Hashable, Sendable {
        /// A repository on this machine.
        case file(path: String)
        /// `http` or `https`.
        case http(host: String, isEncrypted: Bool)
        /// OpenSSH.
        case ssh(host: String)
    }

    /// As git takes it.
    let text: String
    /// How it is reached.
    let way: Way

    /// Reads an address; throws `invalid`, and says what it should be.
    init(_ text: String) throws(Failure) {
        guard !text.isEmpty, !text.hasPrefix("-"),
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
        else {
            throw Self.refusal("'\(text)' is no address of a Git repository")
        }
        self.text = text
        way = try Self.way(of: text)
    }

    private static func way(of text: String) throws(Failure) -> Way {
        if text.hasPrefix("/") { return .file(path: text) }
        guard let (scheme, rest) = split(text) else { return try shortForm(text) }
        switch scheme {
        case "file":
            guard rest.hasPrefix("/") else {
                throw refusal("\(text) names no absolute path", hint: "write file:///srv/git/app.git")
            }
            return .file(path: rest)
        case "http", "https":
            return .http(
                host: try host(rest, of: text, admitsUser: false),
                isEncrypted: scheme == "https",
            )
        case "ssh": return .ssh(host: try host(rest, of: text, admitsUser: true))
        default: throw refusal("\(scheme):// is not spoken here")
        }
    }

    /// `user@host:path`, as people write it for SSH.
    private static func shortForm(_ text: String) throws(Failure) -> Way {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains("/"), !parts[1].isEmpty,
            !parts[1].hasPrefix(":")
        else { throw refusal("'\(text)' is no address of a Git repository") }
        return .ssh(host: try host(String(parts[0]), of: text, admitsUser: true))
    }

    private static func split(_ text: String) -> (scheme: String, rest: String)? {
        guard let mark = text.firstRange(of: "://") else { return nil }
        return (text[..<mark.lowerBound].lowercased(), String(text[mark.upperBound...]))
    }

    private static func host(_ rest: String, of text: String, admitsUser: Bool) throws(Failure) -> String {
        let authority = rest.prefix { $0 != "/" }
        let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
        let user = parts.count > 1 ? parts.dropLast().joined(separator: "@") : ""
        guard !user.contains(":"), admitsUser || parts.count == 1 else {
            // Not said again: what stands before the @ may be a password.
            throw refusal(
                "the address holds a user or a password, which would be seen wherever it is shown",
                hint: admitsUser
                    ? "leave the password out; OpsHub shows the remote a key of its own"
                    : "leave it out, and give a token on standard input: opshub project add URL --token-stdin",
            )
        }
        let host = String(parts.last ?? "")
        guard !host.isEmpty, !host.hasPrefix("-"), !user.hasPrefix("-") else {
            throw refusal("'\(text)' names no host")
        }
        return host
    }

    private static func refusal(_ message: String, hint: String? = nil) -> Failure {
        Failure(
            .invalid,
            message,
            hint: hint ?? "write https://HOST/PATH, git@HOST:PATH, ssh://USER@HOST/PATH or an absolute path",
        )
    }
}
