// SPDX-License-Identifier: Apache-2.0
import Core
import Hummingbird
import HTTPTypes

/// Lets a request through only with the installation's token, as a bearer token or as the password of Basic.
struct TokenMiddleware: RouterMiddleware {
    typealias Context = ServerContext
    let token: Secret

    @concurrent
    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response,
    ) async throws -> Response {
        var context = context
        guard let credentials = Credentials(request.headers[.authorization]), matches(credentials.token)
        else {
            throw Failure(
                .unauthorized,
                request.headers[.authorization] == nil
                    ? "this call needs a token" : "the token is not known here",
                hint:
                    "the control plane made one on its first start, in keys/token below its home; give it in OPSHUB_TOKEN",
            )
        }
        context.person = credentials.person ?? request.headers[.opshubPerson] ?? "local operator"
        return try await next(request, context)
    }

    /// Takes as long for a wrong token as for the right one.
    private func matches(_ given: String) -> Bool {
        let (left, right) = (Array(given.utf8), Array(token.revealed().utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension HTTPField.Name {
    /// Who sits at the command line, as the operating system knows them.
    static let opshubPerson = HTTPField.Name("X-OpsHub-Person") ?? .from
}
