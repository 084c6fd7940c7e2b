// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import HostSystem
import Synchronization

/// Calls of rclone(1) that reach one store, and what their failures mean.
///
/// The store is told by variables and no file, so that no list of processes has its key; nothing else of the environment
/// reaches rclone but how this machine gets out.
struct Rclone: Sendable {
    let store: ObjectStore
    /// How long a connection may say nothing.
    let patience: Duration
    /// How often a request is tried.
    let attempts: Int

    private var limits: [String] {
        [
            "--contimeout=\(patience.inSeconds)s", "--timeout=\(patience.inSeconds)s", "--retries=1",
            "--low-level-retries=\(attempts)", "--config=",
        ]
    }

    private static let passedOn = [
        "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ]

    /// A path within the store's folder, as rclone writes it.
    func path(_ parts: String...) -> String {
        "store:" + ([store.bucket, store.prefix] + parts).filter { !$0.isEmpty }.joined(separator: "/")
    }

    /// Sends a file, whatever lies there.
    ///
    /// - Parameters:
    ///   - file: The file here.
    ///   - path: Where it goes.
    ///   - passing: Is told about every second how many bytes more went; of what is sent a second time, what was not told yet.
    /// - Throws: What the store's answer means.
    func send(_ file: String, to path: String, passing: @escaping ByteCounter = { _ in }) async throws {
        let told = RcloneLog(passing)
        let result = try await ProgramRunner()
            .run(
                try call(["copyto", "--ignore-times", file, path] + RcloneLog.options, .seconds(86_400)),
                onLine: { told.take($0) },
            )
        guard result.isSuccess else { throw failure(saying: told.words, doing: "sending a backup") }
    }

    /// What a small file says; nil when there is none.
    func text(_ path: String) async throws -> String? {
        let result = try await ProgramRunner().run(try call(["cat", path], .seconds(300)))
        if Self.seemsAbsent(result, hasBytes: !result.output.isEmpty), try await isAbsent(path) {
            return nil
        }
        guard result.isSuccess else { throw failure(result, doing: "reading from it") }
        return result.output
    }

    /// Hands a file's bytes over.
    ///
    /// Throws `backup-failed` when there is none.
    func read(_ path: String, into sink: @escaping ByteSink) async throws {
        let any = Mutex(false)
        let result = try await StreamedProgram(program: try call(["cat", path], .seconds(86_400)))
            .stream { bytes in
                any.withLock { $0 = true }
                try await sink(bytes)
            }
        if Self.seemsAbsent(result, hasBytes: any.withLock { $0 }), try await isAbsent(path) {
            throw Failure(
                .backupFailed,
                "store \(store.name) does not have \(path.dropFirst(6))",
                isRetryable: true,
            )
        }
        guard result.isSuccess else { throw failure(result, doing: "reading a backup") }
    }

    /// Names of the files below a folder, with their folders.
    func list(_ path: String) async throws -> [String] {
        let arguments = ["lsf", "--recursive", "--files-only", path]
        return try await run(arguments, doing: "listing what it has").output.split(separator: "\n")
            .map(String.init)
    }

    /// Removes a file of a folder.
    ///
    /// Idempotent.
    func remove(_ file: String, from folder: String) async throws {
        // Not `deletefile`: it says of a file that it is not there also when the store does not answer.
        try await run(["delete", folder, "--include", "/\(file)"], doing: "removing a copy")
    }

    @discardableResult
    private func run(_ arguments: [String], doing: String) async throws -> ProgramResult {
        let result = try await ProgramRunner().run(try call(arguments, .seconds(86_400)))
        guard result.isSuccess else { throw failure(result, doing: doing) }
        return result
    }

    private func call(_ arguments: [String], _ deadline: Duration) throws(Failure) -> Program {
        let inherited = ProcessInfo.processInfo.environment.filter { Self.passedOn.contains($0.key) }
        let own = [
            "TYPE": "s3", "PROVIDER": store.endpoint == nil ? "AWS" : "Other",
            "ENDPOINT": store.endpoint ?? "",
            "REGION": store.region ?? "us-east-1", "ACCESS_KEY_ID": store.accessKey,
            "SECRET_ACCESS_KEY": store.secretKey.revealed(),
            // The bucket is there, or somebody has mistyped it.
            "NO_CHECK_BUCKET": "true",
            // Everything is read back; a look at the size alone would prove nothing.
            "NO_HEAD": "true",
            // Two parts at a time are held in memory.
            "CHUNK_SIZE": "8M", "UPLOAD_CUTOFF": "8M", "UPLOAD_CONCURRENCY": "2",
        ]
        var variables = ["PATH": ExecutablePath.folders, "HOME": "/nonexistent", "LC_ALL": "C"]
        variables.merge(inherited) { $1 }
        variables.merge(own.map { ("RCLONE_CONFIG_STORE_\($0)", $1) }) { $1 }
        return Program(
            try ExecutablePath.find("rclone"),
            arguments + limits,
            environment: variables,
            inheritsEnvironment: false,
            deadline: deadline,
        )
    }

    /// Whether reading a file looked as if it were not there.
    ///
    /// Status 3 is a folder, 4 a file that is missing; of one that is missing in a folder that is there nothing comes, with 0. No
    /// file of ours is empty. It looks the same when only the question whether it is there was not answered.
    private static func seemsAbsent(_ result: ProgramResult, hasBytes: Bool) -> Bool {
        [.exited(3), .exited(4)].contains(result.ending) || (result.isSuccess && !hasBytes)
    }

    /// Whether a listing says so; throws `unreachable` when the file is there, and could not be read.
    private func isAbsent(_ path: String) async throws -> Bool {
        let parts = path.split(separator: "/")
        guard try await list(parts.dropLast().joined(separator: "/")).contains(String(parts.last ?? ""))
        else {
            return true
        }
        throw Failure(
            .unreachable,
            "store \(store.name) has \(path.dropFirst(6)), and does not give it out",
            hint: "see whether its key may read: opshub store check \(store.name)",
            isRetryable: true,
        )
    }

    private func failure(_ result: ProgramResult, doing: String) -> Failure {
        failure(saying: result.errors, doing: doing)
    }

    private func failure(saying errors: String, doing: String) -> Failure {
        let words = Redaction([store.secretKey])(errors)
        let (code, message, hint) = meaning(words, doing)
        return Failure(
            code,
            message,
            hint: hint,
            evidence: words.lastLines(6),
            isRetryable: code == .unreachable || code == .programFailed,
        )
    }

    private func meaning(_ words: String, _ doing: String) -> (Failure.Code, String, String) {
        let name = store.name
        let check = "see whether it answers: opshub store check \(name)"
        let again = "say it again: opshub store add \(name)"
        // A folder of a bucket is never missing, it only has nothing.
        if words.contains("NoSuchBucket") || words.contains("directory not found") {
            return (.notFound, "store \(name) has no bucket \(store.bucket)", "make it there, or \(again)")
        }
        if ["InvalidAccessKeyId", "SignatureDoesNotMatch"].contains(where: words.contains) {
            return (.invalid, "store \(name) does not know the key that it is shown", again)
        }
        let refusals = ["AccessDenied", "status code: 403", "status code: 401"]
        if refusals.contains(where: words.contains) {
            return (.unauthorized, "store \(name) does not let OpsHub in: \(doing) was refused", again)
        }
        let absences = [
            "dial tcp", "timeout", "no such host", "connection re", "deadline exceeded", "status code: 50",
            "EOF",
        ]
        if absences.contains(where: words.contains) {
            return (.unreachable, "store \(name) does not answer: \(doing) failed", check)
        }
        return (.programFailed, "\(doing) failed at store \(name)", check)
    }
}
