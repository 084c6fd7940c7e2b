// SPDX-License-Identifier: Apache-2.0
import AsyncHTTPClient
import Core
import FoundationEssentials
import NIOCore
import NIOHTTP1
import Synchronization

/// Speaks the Engine API over HTTP.
///
/// Calls throw ``EngineRefusal`` when the engine says no, and `engine-failed` when it can't be asked.
final class EngineClient: Sendable {
    /// How long a call without a stream may take; containers have stop timeouts of their own on top.
    static let patience = Duration.seconds(60)

    let address: EngineAddress
    private let http: HTTPClient
    private let version = Mutex<EngineVersion?>(nil)

    init(_ address: EngineAddress) {
        self.address = address
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(3)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        // Followed logs and events hold a connection each for as long as there are any.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit {
        // Nobody waits for it: what is still open ends with the client.
        http.shutdown { _ in }
    }

    /// Asks for a value.
    func get<Answer: Decodable>(
        _ path: String,
        _ query: EngineQuery = [:],
        as type: Answer.Type = Answer.self,
    ) async throws -> Answer {
        try await answer(to: request(.GET, path, query), within: Self.patience)
    }

    /// Asks for a value that need not be there.
    func find<Answer: Decodable>(
        _ path: String,
        _ query: EngineQuery = [:],
        as type: Answer.Type = Answer.self,
    ) async throws -> Answer? {
        do {
            return try await get(path, query)
        } catch let refusal as EngineRefusal where refusal.isNotFound {
            return nil
        }
    }

    /// Gives an order that is answered with a value.
    func order<Answer: Decodable>(
        _ path: String,
        _ query: EngineQuery = [:],
        _ body: some Encodable,
        as type: Answer.Type = Answer.self,
    ) async throws -> Answer {
        try await answer(to: request(.POST, path, query, body), within: Self.patience)
    }

    /// Gives an order; what is so already is no mistake.
    func order(
        _ path: String,
        _ query: EngineQuery = [:],
        _ body: some Encodable = EngineNothing(),
        within limit: Duration = EngineClient.patience,
    ) async throws {
        try await done(try await request(.POST, path, query, body), within: limit)
    }

    /// Removes something; what is gone already is no mistake.
    func delete(_ path: String, _ query: EngineQuery = [:]) async throws {
        do {
            try await done(try await request(.DELETE, path, query), within: Self.patience)
        } catch let refusal as EngineRefusal where refusal.isNotFound {
            return
        }
    }

    /// What the engine writes for as long as it does, after it has begun to answer.
    func stream(
        _ method: HTTPMethod = .GET,
        _ path: String,
        _ query: EngineQuery = [:],
        headers: HTTPHeaders = [:],
        body: HTTPClientRequest.Body? = nil,
        beginsWithin limit: Duration = EngineClient.patience,
    ) async throws -> HTTPClientResponse.Body {
        var request = try await request(method, path, query)
        request.headers.add(contentsOf: headers)
        request.body = body
        let begun = request
        return try await within(limit, begun) {
            let response = try await self.execute(begun)
            try await self.check(response, begun)
            return response.body
        }
    }

    // MARK: One call

    private func request(
        _ method: HTTPMethod,
        _ path: String,
        _ query: EngineQuery,
        _ body: some Encodable = EngineNothing(),
    ) async throws -> HTTPClientRequest {
        try await bare(method, "/v\(spokenVersion())\(path)\(query.text)", body)
    }

    private func bare(
        _ method: HTTPMethod,
        _ path: String,
        _ body: some Encodable = EngineNothing(),
    ) throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address.base + path)
        request.method = method
        request.headers.add(name: "Host", value: "engine")
        guard !(body is EngineNothing) else { return request }
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: try EngineCoding.encoder.encode(body)))
        return request
    }

    private func answer<Answer: Decodable>(
        to request: HTTPClientRequest,
        within limit: Duration,
    ) async throws -> Answer {
        let bytes = try await within(limit, request) {
            let response = try await self.execute(request)
            try await self.check(response, request)
            return try await response.body.collect(upTo: 64 << 20)
        }
        do {
            return try EngineCoding.decoder.decode(Answer.self, from: Data(bytes.readableBytesView))
        } catch {
            throw Failure(
                .engineFailed,
                "the container engine at \(address) answered \(Self.name(request)) with something else",
                hint: "is it Docker or Podman? curl --unix-socket PATH http://engine/version",
                cause: String(describing: error),
            )
        }
    }

    private func done(_ request: HTTPClientRequest, within limit: Duration) async throws {
        try await within(limit, request) {
            let response = try await self.execute(request)
            // 304: it was so already.
            if response.status != .notModified { try await self.check(response, request) }
            _ = try await response.body.collect(upTo: 64 << 20)
        }
    }

    private func check(_ response: HTTPClientResponse, _ request: HTTPClientRequest) async throws {
        guard !(200..<300).contains(response.status.code) else { return }
        let bytes = try await response.body.collect(upTo: 1 << 20)
        let text = String(decoding: bytes.readableBytesView, as: UTF8.self)
        // Something that is no problem of the engine's kind is told as it came.
        let problem = try? EngineCoding.decoder.decode(
            EngineProblem.self,
            from: Data(bytes.readableBytesView),
        )
        throw EngineRefusal(
            status: Int(response.status.code),
            message: problem?.message ?? text,
            call: Self.name(request),
        )
    }

    private func execute(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        do {
            return try await http.execute(request, deadline: .distantFuture)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw unreachable(error)
        }
    }

    /// Gives a call so long, and says of one that took longer which it was.
    private func within<Result: Sendable>(
        _ limit: Duration,
        _ request: HTTPClientRequest,
        _ body: @Sendable @escaping () async throws -> Result,
    ) async throws -> Result {
        do {
            return try await withDeadline(limit, Self.name(request), body: body)
        } catch let error as DeadlineExceeded {
            throw Failure(
                .engineFailed,
                "the container engine at \(address) hangs: \(error)",
                hint: "see what it does: journalctl -u docker",
                isRetryable: true,
            )
        } catch  where error is Failure || error is EngineRefusal || error is CancellationError {
            throw error
        } catch {
            throw unreachable(error)
        }
    }

    private func unreachable(_ error: any Error) -> Failure {
        // It may be another one when it is back.
        version.withLock { $0 = nil }
        let cause = String(describing: error)
        if cause.contains("Permission denied") || cause.contains("errno: 13") {
            return Failure(
                .engineFailed,
                "this account may not speak to the container engine at \(address)",
                hint: "as root: usermod -aG docker USER, then log in again; or run opshub serve as root",
                cause: cause,
            )
        }
        return Failure(
            .engineFailed,
            "the container engine at \(address) does not answer",
            hint: "start it: systemctl start docker, or say where it is: opshub serve --engine ADDRESS",
            cause: cause,
            isRetryable: true,
        )
    }

    /// `POST /containers/create`, without version and query.
    private static func name(_ request: HTTPClientRequest) -> String {
        let path = request.url.split(separator: "/", omittingEmptySubsequences: false).dropFirst(3)
        let plain = path.drop { $0.hasPrefix("v1.") }.joined(separator: "/")
        return "\(request.method.rawValue) /\(plain.split(separator: "?").first ?? "")"
    }

    // MARK: Versions

    /// What the engine is: `Docker 20.10.24`.
    func product() async throws -> String {
        let answer: EngineVersions = try await answer(to: bare(.GET, "/version"), within: .seconds(10))
        let name = answer.components?.first?.name ?? "Engine"
        return "\(name == "Engine" ? "Docker" : name) \(answer.version)"
    }

    private func spokenVersion() async throws -> EngineVersion {
        if let known = version.withLock({ $0 }) { return known }
        let answer: EngineVersions = try await answer(to: bare(.GET, "/version"), within: .seconds(10))
        guard let highest = EngineVersion(answer.apiVersion),
            let lowest = EngineVersion(answer.minAPIVersion ?? answer.apiVersion),
            let common = EngineVersion.common(lowest: lowest, highest: highest)
        else {
            throw Failure(
                .engineFailed,
                "the container engine at \(address) speaks API \(answer.minAPIVersion ?? "?") to \(answer.apiVersion), OpsHub \(EngineVersion.oldest) to \(EngineVersion.newest)",
                hint: "use Docker 20.10 or newer",
            )
        }
        version.withLock { $0 = common }
        return common
    }
}

/// No body.
struct EngineNothing: Encodable {}
