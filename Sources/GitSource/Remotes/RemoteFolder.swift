// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import HostSystem

/// What a project's remote needs, in a folder that only OpsHub reads: where it is, and what is shown to it.
struct RemoteFolder: Hashable, Sendable {
    /// The folder.
    let path: String

    private var remoteFile: String { "\(path)/remote.json" }
    private var tokenFile: String { "\(path)/token" }
    private var configuration: String { "\(path)/gitconfig" }
    private var key: String { "\(path)/ssh_key" }
    private var knownHosts: String { "\(path)/known_hosts" }

    /// What was written; nil when nothing is followed.
    ///
    /// Throws `damaged-state` when it can't be read.
    func remote() throws(Failure) -> SourceRemote? {
        guard let bytes = try FileContent.bytes(of: remoteFile) else { return nil }
        do {
            return try JSONDecoder().decode(SourceRemote.self, from: Data(bytes))
        } catch {
            throw Failure(
                .damagedState,
                "\(remoteFile) does not say which remote is followed",
                hint: "say it again: opshub project add URL",
                cause: String(describing: error),
            )
        }
    }

    /// Writes what is followed, and the token if one is given; the remote's own line comes last.
    func write(_ remote: SourceRemote, _ url: RemoteURL, token: Secret?) throws {
        try Folder.make(path, mode: 0o700)
        if let token {
            try DurableFile.write(token.revealed(), to: tokenFile, mode: 0o600)
        } else if try self.remote()?.url != remote.url {
            try Folder.remove(tokenFile)
        }
        // Another account's repository on this machine is read all the same: an operator has named it.
        let trusted =
            if case .file(let path) = url.way { "[safe]\n    directory = \(Self.quoted(path))\n" } else { "" }
        try DurableFile.write(trusted, to: configuration, mode: 0o600)
        try DurableFile.write(Array(try JSONEncoder().encode(remote)), to: remoteFile, mode: 0o600)
    }

    /// Removes everything but the key pair, the remote's line first.
    func remove() throws(Failure) {
        for file in [remoteFile, tokenFile, configuration, knownHosts] { try Folder.remove(file) }
    }

    /// The token; nil when there is none.
    func token() throws(Failure) -> Secret? { try FileContent.text(of: tokenFile).map { Secret($0) } }

    /// The public key; makes the pair when there is none.
    func makeKey(for project: ProjectName, _ runner: ProgramRunner) async throws {
        guard try FileContent.bytes(of: "\(key).pub") == nil else { return }
        try Folder.make(path, mode: 0o700)
        try Folder.remove(key)
        let program = Program(
            "ssh-keygen",
            ["-q", "-t", "ed25519", "-N", "", "-C", "opshub-\(project)", "-f", key],
        )
        _ = try await runner.run(program).checked(doing: "making a deploy key for \(project)")
    }

    /// The public key; nil when there is none.
    func publicKey() throws(Failure) -> String? {
        try FileContent.text(of: "\(key).pub").map { String($0.prefix { !$0.isNewline }) }
    }

    /// Variables with which git reaches the remote: what it may speak, and what it shows.
    ///
    /// A token goes as a header of the remote's own host, by variable, so that no process list has it and no file but its
    /// own; git sends it nowhere else.
    func variables(for url: RemoteURL) throws(Failure) -> [String: String] {
        var variables = [
            "GIT_ALLOW_PROTOCOL": "file:http:https:ssh", "GIT_CONFIG_GLOBAL": configuration, "HOME": path,
        ]
        switch url.way {
        case .ssh:
            let options = [
                "BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=accept-new",
                "ConnectTimeout=20", "UserKnownHostsFile=\(knownHosts)",
            ]
            let words =
                ["ssh", "-F", "/dev/null", "-i", key] + options.flatMap { ["-o", $0] }
            variables["GIT_SSH_COMMAND"] = words.map { ShellWord.quoted($0) }.joined(separator: " ")
        case .http(_, let isEncrypted):
            guard let token = try token()?.revealed() else { break }
            guard isEncrypted else { throw Self.openToken }
            let pair = Data("x-access-token:\(token)".utf8).base64EncodedString()
            variables["GIT_CONFIG_COUNT"] = "1"
            variables["GIT_CONFIG_KEY_0"] = "http.\(url.text).extraHeader"
            variables["GIT_CONFIG_VALUE_0"] = "Authorization: Basic \(pair)"
        case .file: break
        }
        return variables
    }

    /// Whether a token may be shown to an address.
    static func check(_ token: Secret?, for url: RemoteURL) throws(Failure) {
        guard let token else { return }
        switch url.way {
        case .http(_, isEncrypted: true): break
        case .http: throw openToken
        case .ssh, .file:
            throw Failure(.invalid, "a token is for https:// only; \(url.text) is reached without")
        }
        let text = token.revealed()
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Failure(.invalid, "the token is empty or has spaces or signs that none has")
        }
    }

    private static var openToken: Failure {
        Failure(
            .invalid,
            "a token over http:// could be read by everybody on the way",
            hint: "use the remote's https:// address",
        )
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
