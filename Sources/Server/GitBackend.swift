// SPDX-License-Identifier: Apache-2.0
public import Core
import HTTPTypes
import Hummingbird
import NIOCore
import Subprocess
import SystemPackage

/// One request to a bare repository, answered by `git http-backend` as a CGI program.
public struct GitBackend: Sendable {
    /// What smart HTTP has.
    static let services = ["git-upload-pack", "git-receive-pack"]
    /// The largest push that is taken, in bytes.
    private static let bodyLimit = 2 << 30

    private let layout: HomeLayout
    private let variables: [String: String]

    /// A backend for the repositories of a home.
    ///
    /// - Parameters:
    ///   - layout: The home.
    ///   - variables: Reach the hooks of a push, so that they find their way back to the control plane.
    public init(layout: HomeLayout, variables: [String: String]) {
        self.layout = layout
        self.variables = variables
    }

    /// Streams what the program answers.
    ///
    /// Its content type is known beforehand, its body comes as it is written, so that a push shows the
    /// deployment that it started while it runs.
    func answer(
        _ request: Request,
        project: ProjectName,
        path: String,
        type: String,
        person: String,
    ) async throws -> Response {
        let body = try await Spool.write(request.body, limit: Self.bodyLimit, in: layout.root)
        let configuration = configuration(request, project, path, person, length: body.length)
        return Response(
            status: .ok,
            headers: [.contentType: type, .cacheControl: "no-cache, no-store"],
            body: ResponseBody { writer in
                try await Self.run(configuration, body, into: &writer)
                try await writer.finish(nil)
            },
        )
    }

    @concurrent
    private static func run(
        _ configuration: Subprocess.Configuration,
        _ body: Spool,
        into writer: inout any ResponseBodyWriter,
    ) async throws {
        let result = try await Subprocess.run(
            configuration,
            input: .fileDescriptor(body.file, closeAfterSpawningProcess: true),
            output: .sequence,
            error: .string(limit: 64 << 10),
        ) { @concurrent execution in
            var head = CGIHead()
            for try await chunk in execution.standardOutput {
                let bytes = unsafe chunk.withUnsafeBytes { unsafe ByteBuffer(bytes: $0) }
                guard let rest = try head.take(bytes) else { continue }
                if rest.readableBytes > 0 { try await writer.write(rest) }
            }
        }
        guard result.terminationStatus.isSuccess else {
            throw Failure(.programFailed, "git http-backend failed", evidence: [result.standardError])
        }
    }

    private func configuration(
        _ request: Request,
        _ project: ProjectName,
        _ path: String,
        _ person: String,
        length: Int,
    ) -> Subprocess.Configuration {
        var environment = variables
        environment["GIT_PROJECT_ROOT"] = layout.repositories
        environment["GIT_HTTP_EXPORT_ALL"] = "1"
        environment["PATH_INFO"] = "/\(project).git/\(path)"
        environment["REQUEST_METHOD"] = request.method.rawValue
        environment["QUERY_STRING"] = request.uri.query ?? ""
        environment["CONTENT_TYPE"] = request.headers[.contentType] ?? ""
        environment["CONTENT_LENGTH"] = "\(length)"
        environment["REMOTE_USER"] = person
        environment["REMOTE_ADDR"] = "127.0.0.1"
        environment["OPSHUB_PROJECT"] = project.rawValue
        environment["OPSHUB_PERSON"] = person
        if let encoding = request.headers[.contentEncoding] {
            environment["HTTP_CONTENT_ENCODING"] = encoding
        }
        if let version = request.headers[HTTPField.Name("Git-Protocol") ?? .from] {
            environment["GIT_PROTOCOL"] = version
        }
        // A repository may belong to another account than the one that serves it, when a home was moved.
        environment["GIT_CONFIG_COUNT"] = "1"
        environment["GIT_CONFIG_KEY_0"] = "safe.directory"
        environment["GIT_CONFIG_VALUE_0"] = "*"
        let updates = environment.map { (Subprocess.Environment.Key(rawValue: $0.key), Optional($0.value)) }
        return Subprocess.Configuration(
            executable: .name("git"),
            arguments: ["http-backend"],
            environment: .inherit.updating(
                Dictionary(updates.compactMap { pair in pair.0.map { ($0, pair.1) } }) { _, last in last }
            ),
        )
    }
}
