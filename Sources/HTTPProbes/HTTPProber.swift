// SPDX-License-Identifier: Apache-2.0
import AsyncHTTPClient
import Core
public import Delivery
import NIOCore
import NIOHTTP1

/// Probes over HTTP/1.1 on connections of their own: a probe must see what a new client would see.
public struct HTTPProber: Prober {
    /// Bytes of a body that are kept; an answer may be longer.
    private static let bodyLimit = 64 << 10
    /// Lives as long as the process: whoever probes needs no care for it.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(2)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// A prober.
    public init() {}

    /// One GET.
    public func get(_ request: ProbeRequest) async throws -> ProbeResponse {
        var outgoing = HTTPClientRequest(url: "http://\(request.address):\(request.port)\(request.path)")
        outgoing.headers.add(name: "Host", value: request.host ?? "\(request.address):\(request.port)")
        outgoing.headers.add(name: "User-Agent", value: "opshub-probe")
        outgoing.headers.add(name: "Connection", value: "close")
        let clock = ContinuousClock()
        let begin = clock.now
        let message = outgoing
        do {
            let answer = try await withDeadline(request.timeout, "GET \(request.path)") {
                let response = try await Self.client.execute(
                    message,
                    deadline: .now() + .nanoseconds(Int64.max / 4),
                )
                return (response, try await Self.beginning(of: response.body))
            }
            return ProbeResponse(
                status: Int(answer.0.status.code),
                body: answer.1,
                duration: clock.now - begin,
                edgeAnswer: answer.0.headers.first(name: "X-OpsHub-Edge"),
            )
        } catch let error as DeadlineExceeded {
            throw Failure(
                .deadlineExceeded,
                error.description,
                cause: "no answer within \(request.timeout.briefly)",
            )
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw Failure(
                .unreachable,
                "\(request.address):\(request.port) does not answer GET \(request.path)",
                cause: Self.inWords(error),
                isRetryable: true,
            )
        }
    }

    private static func beginning(of body: HTTPClientResponse.Body) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in body where bytes.count < bodyLimit {
            bytes += chunk.readableBytesView.prefix(bodyLimit - bytes.count)
        }
        return bytes
    }

    private static func inWords(_ error: any Error) -> String {
        let text = String(describing: error)
        return if text.contains("refused") {
            "connection refused"
        } else if text.contains("reset") || error as? HTTPClientError == .remoteConnectionClosed {
            "connection closed before an answer"
        } else {
            text
        }
    }
}
