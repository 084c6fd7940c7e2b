// SPDX-License-Identifier: Apache-2.0
import API
import Core
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging

/// Renders every failure as `application/problem+json` (RFC 9457), and logs it once when it is ours.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    @concurrent
    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response,
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            let failure = Failure(
                error.status == .notFound ? .notFound : .invalid,
                error.status == .notFound
                    ? "there is nothing at \(request.method) \(request.uri.path)"
                    : "the request is malformed",
                cause: String(describing: error),
            )
            return try Self.problem(failure, status: error.status)
        } catch {
            let failure = Failure.wrapping(error, doing: "\(request.method) \(request.uri.path)")
            if failure.code.kind == .unexpected {
                context.logger.error("request failed", metadata: ["failure": "\(failure)"])
            }
            return try Self.problem(failure, status: .init(code: failure.code.kind.httpStatus))
        }
    }

    private static func problem(_ failure: Failure, status: HTTPResponse.Status) throws -> Response {
        var response = try Response.json(ProblemView(failure, status: status.code), status: status)
        response.headers[.contentType] = "application/problem+json"
        if status == .unauthorized { response.headers[.wwwAuthenticate] = "Basic realm=\"OpsHub\"" }
        return response
    }
}
