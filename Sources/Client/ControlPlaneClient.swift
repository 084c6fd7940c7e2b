// SPDX-License-Identifier: Apache-2.0
import API
import AsyncHTTPClient
public import Core
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Speaks to a control plane's API.
public struct ControlPlaneClient: Sendable {
    /// Where the control plane answers: `http://127.0.0.1:4000`.
    public let url: String
    private let token: Secret
    private let person: String
    private let http: HTTPClient

    /// A client with a token, for a person as the operating system knows them.
    public init(url: String, token: Secret, person: String) {
        self.url = url
        self.token = token
        self.person = person
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(3)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends the client; nothing can be asked afterwards.
    public func shutdown() async {
        try? await http.shutdown()  // The process ends next; what is still open ends with it.
    }

    /// Asks for a value.
    public func get<Answer: Decodable>(
        _ path: String,
        _ query: [String: String?] = [:],
    ) async throws -> Answer {
        try await answer(to: request(.GET, path, query))
    }

    /// Gives an order.
    public func post<Answer: Decodable>(
        _ path: String,
        _ order: some Encodable,
        query: [String: String?] = [:],
    ) async throws -> Answer {
        var request = request(.POST, path, query)
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: try Wire.encoder().encode(order)))
        return try await answer(to: request)
    }

    /// Asks for something to be gone.
    public func delete<Answer: Decodable>(_ path: String) async throws -> Answer {
        try await answer(to: request(.DELETE, path))
    }

    /// The server-sent events of a path, one value after another, until the other side ends them.
    public func events<Value: Decodable & Sendable>(
        _ path: String,
        _ query: [String: String?],
        of type: Value.Type,
        each: (Value) async throws -> Void,
    ) async throws {
        let response = try await execute(request(.GET, path, query.merging(["follow": "true"]) { $1 }))
        guard response.status == .ok else { throw try await problem(in: response) }
        var parser = EventParser()
        var refusal: (any Error)?
        do {
            following: for try await chunk in response.body {
                for data in parser.take(chunk.readableBytesView) {
                    do {
                        try await each(try Wire.decoder().decode(type, from: Data(data)))
                    } catch {
                        refusal = error
                        break following
                    }
                }
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw unreachable(error)
        }
        if let refusal { throw refusal }
    }

    private func answer<Answer: Decodable>(to request: HTTPClientRequest) async throws -> Answer {
        let response = try await execute(request)
        guard (200..<300).contains(response.status.code) else { throw try await problem(in: response) }
        let body = try await response.body.collect(upTo: 64 << 20)
        return try Wire.decoder().decode(Answer.self, from: Data(body.readableBytesView))
    }

    private func request(
        _ method: HTTPMethod,
        _ path: String,
        _ query: [String: String?] = [:],
    ) -> HTTPClientRequest {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(Self.escaped($0))" } }.sorted()
        let suffix = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
        var request = HTTPClientRequest(url: "\(url)/api/v1/\(path)\(suffix)")
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(token.revealed())")
        request.headers.add(name: "X-OpsHub-Person", value: person)
        return request
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

    private func unreachable(_ error: any Error) -> Failure {
        Failure(
            .unreachable,
            "the control plane at \(url) does not answer",
            hint: "start it: opshub serve (services go on running without it)",
            cause: String(describing: error),
        )
    }

    private func problem(in response: HTTPClientResponse) async throws -> Failure {
        let body = try await response.body.collect(upTo: 1 << 20)
        let data = Data(body.readableBytesView)
        // Not one: says so below.
        if let problem = try? Wire.decoder().decode(ProblemView.self, from: data) {
            return problem.failure
        }
        return Failure(
            .unreachable,
            "\(url) answered \(response.status.code), and not as a control plane does",
            hint: "is this OpsHub's address? See --server",
        )
    }

    private static func escaped(_ text: String) -> String {
        text.utf8
            .map { byte in
                let scalar = Unicode.Scalar(byte)
                let isPlain =
                    scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                    || "-._~/".unicodeScalars.contains(scalar)
                return isPlain && scalar.isASCII
                    ? String(scalar) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            .joined()
    }
}
