// SPDX-License-Identifier: Apache-2.0
import Hummingbird
import HTTPTypes
import API
import Core
import FoundationEssentials
import NIOCore

/// What a request carries through the routes.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Who asks; set once the token was checked.
    var person = ""

    /// Where the request comes from; nil when nothing is known of that.
    let address: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.channel.remoteAddress?.ipAddress
    }

    /// A path parameter that must be a name.
    func name<Subject>(_ parameter: String, _: Subject.Type = Subject.self) throws -> Identifier<Subject> {
        let text = try parameters.require(parameter)
        guard NameRule.admits(text) else {
            throw Failure(
                .invalid,
                "'\(text)' is no \(parameter) name",
                hint: "a name has \(NameRule.words)",
            )
        }
        return Identifier(text)
    }

    /// The environment that the path names.
    func environmentKey() throws -> EnvironmentKey {
        EnvironmentKey(try name("project"), try name("environment"))
    }
}

extension Response {
    /// A value as the API writes it.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let data = try Wire.encoder().encode(value)
        return Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)),
        )
    }
}

extension Request {
    /// The JSON body as a value; `fallback` when there is no body at all.
    func order<Value: Decodable>(_ type: Value.Type, or fallback: Value) async throws -> Value {
        let buffer = try await body.collect(upTo: 1 << 20)
        guard buffer.readableBytes > 0 else { return fallback }
        do {
            return try Wire.decoder().decode(type, from: Data(buffer.readableBytesView))
        } catch {
            throw Failure(.invalid, "the body is not what this call takes", cause: Self.words(of: error))
        }
    }

    /// What a decoder found, for whoever wrote the body.
    private static func words(of error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.isEmpty ? "the whole" : "'\(path.map(\.stringValue).joined(separator: "."))'"
        }
        return switch error as? DecodingError {
        case .keyNotFound(let key, let context): "\(place(context.codingPath + [key])) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(place(context.codingPath)) is of another type: \(context.debugDescription)"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "it is not JSON" : "\(place(context.codingPath)): \(context.debugDescription)"
        default: String(describing: error)
        }
    }
}
