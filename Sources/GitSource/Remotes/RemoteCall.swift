// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// Calls of git that reach a project's remote, and what their failures mean.
struct RemoteCall: Sendable {
    let git: Git
    let url: RemoteURL
    let project: ProjectName
    let variables: [String: String]

    /// A connection that brings fewer than 1000 bytes a second for 20 s is given up (git-config(1), http.lowSpeedLimit).
    private static let patience = ["-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=20"]

    /// What the remote has now: hashes by full name, of branches and tags.
    func references(_ runner: ProgramRunner) async throws -> [String: String] {
        let call = git.program(
            Self.patience + ["ls-remote", "--refs", "--", url.text, "refs/heads/*", "refs/tags/*"],
            adding: variables,
            deadline: .seconds(60),
        )
        return Self.table(try await run(call, runner).output, separator: "\t") { $0 }
            .filter { $0.key.hasPrefix("refs/heads/") || $0.key.hasPrefix("refs/tags/") }
    }

    /// Fetches all branches below `prefix`, and all tags; what is gone there goes here.
    ///
    /// One pack larger than `limit` is not taken: the kernel stops whoever writes it (setrlimit(2), RLIMIT_FSIZE).
    /// What a fetch that was cut short has left is removed, now or by the next one.
    func fetch(into prefix: String, limit: ByteCount, _ runner: ProgramRunner) async throws {
        try removePartialPacks()
        let names = ["+refs/heads/*:\(prefix)*", "+refs/tags/*:refs/tags/*"]
        var call = git.program(
            Self.patience + ["-c", "fetch.fsckObjects=true", "-c", "fetch.unpackLimit=1"]
                + ["fetch", "--quiet", "--no-tags", "--prune", "--no-auto-gc", "--", url.text] + names,
            adding: variables,
            deadline: .seconds(1200),
        )
        let own = ["-n", "10", try ExecutablePath.find(call.executable)] + call.arguments
        call.arguments = ["--fsize=\(limit.bytes)", "nice"] + own
        call.executable = "prlimit"
        do {
            try await run(call, runner)
        } catch {
            let isTooLarge = try partialPacks().contains { try FileStatus.of($0)?.size == limit }
            try removePartialPacks()
            guard isTooLarge else { throw error }
            throw Failure(
                .invalid,
                "\(url.text) is too large: what it sends at once is more than \(limit)",
                hint: "take large files out of its history (git filter-repo)",
            )
        }
    }

    private func partialPacks() throws(Failure) -> [String] {
        let folder = "\(git.repository)/objects/pack"
        return try Folder.names(in: folder).filter { $0.hasPrefix("tmp_") }.map { "\(folder)/\($0)" }
    }

    private func removePartialPacks() throws(Failure) {
        for path in try partialPacks() { try Folder.remove(path) }
    }

    /// Lines of a hash and a name as a table.
    static func table(
        _ output: String,
        separator: Character,
        _ rename: (String) -> String,
    ) -> [String: String] {
        output.split(separator: "\n")
            .reduce(into: [:]) { table, line in
                let parts = line.split(separator: separator, maxSplits: 1)
                guard parts.count == 2 else { return }
                table[rename(String(parts[1]))] = String(parts[0])
            }
    }

    @discardableResult
    private func run(
        _ program: Program,
        _ runner: ProgramRunner,
    ) async throws -> ProgramResult {
        let result: ProgramResult
        do {
            result = try await runner.run(program)
        } catch let failure as Failure where failure.code == .deadlineExceeded {
            throw Failure(
                .unreachable,
                "\(url.text) did not answer within \(program.deadline.briefly)",
                hint: "try it by hand: git ls-remote \(url.text)",
                isRetryable: true,
            )
        }
        guard result.isSuccess else { throw failure(of: result) }
        return result
    }

    /// What git says in its own words, as one of the few things that a person can do something about.
    private func failure(of result: ProgramResult) -> Failure {
        let words = result.errors
        let (code, message, hint): (Failure.Code, String, String) =
            if Self.isHostKey(words) {
                (
                    .unauthorized, "the host of \(url.text) does not show the key that it had",
                    "if its key was changed on purpose: opshub project detach \(project), then add it again",
                )
            } else if Self.isRefusal(words) {
                (.unauthorized, "\(url.text) does not let OpsHub in", way)
            } else if Self.isAbsence(words) {
                (.notFound, "\(url.text) is no Git repository, or not one that OpsHub may see", way)
            } else {
                (.unreachable, "\(url.text) can't be reached", "try it by hand: git ls-remote \(url.text)")
            }
        return Failure(
            code,
            message,
            hint: hint,
            evidence: words.lastLines(6),
            isRetryable: code == .unreachable,
        )
    }

    private var way: String {
        switch url.way {
        case .ssh: "add this deploy key there, for reading only: opshub project key \(project)"
        case .http: "give a token that may read it: opshub project add \(url.text) --token-stdin"
        case .file: "see that it is there and that OpsHub's account may read it: git ls-remote \(url.text)"
        }
    }

    private static func isHostKey(_ words: String) -> Bool {
        words.contains("REMOTE HOST IDENTIFICATION HAS CHANGED")
            || words.contains("Host key verification failed")
    }

    private static func isRefusal(_ words: String) -> Bool {
        ["Authentication failed", "could not read Username", "Permission denied", "error: 401", "error: 403"]
            .contains { words.contains($0) }
    }

    private static func isAbsence(_ words: String) -> Bool {
        ["does not appear to be a git repository", "epository not found", "not found", "error: 404"]
            .contains { words.contains($0) }
    }
}
