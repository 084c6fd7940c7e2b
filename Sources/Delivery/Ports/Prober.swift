// SPDX-License-Identifier: Apache-2.0

/// Asks over HTTP, as a client would.
public protocol Prober: Sendable {
    /// One GET, without following redirects, without keeping the connection.
    ///
    /// - Throws: `unreachable` (refused, reset, not HTTP; the cause says which) or `deadline-exceeded`.
    func get(_ request: ProbeRequest) async throws -> ProbeResponse
}

/// One GET of a probe.
public struct ProbeRequest: Sendable, Hashable {
    /// An address or host name.
    public var address: String
    /// Its port.
    public var port: Int
    /// With its query.
    public var path: String
    /// Value of the `Host` header; address and port when nil.
    public var host: String?
    /// How long the whole answer may take.
    public var timeout: Duration

    /// Describes a request.
    public init(
        address: String = "127.0.0.1",
        port: Int,
        path: String,
        host: String? = nil,
        timeout: Duration,
    ) {
        self.address = address
        self.port = port
        self.path = path
        self.host = host
        self.timeout = timeout
    }
}

/// What came back.
public struct ProbeResponse: Sendable, Hashable {
    /// The HTTP status.
    public var status: Int
    /// The body's first 64 KiB.
    public var body: [UInt8]
    /// Until the last byte.
    public var duration: Duration
    /// What the edge said in place of a service (its header `X-OpsHub-Edge`); nil when a service answered.
    public var edgeAnswer: String?

    /// Describes a response.
    public init(status: Int, body: [UInt8], duration: Duration, edgeAnswer: String? = nil) {
        self.status = status
        self.body = body
        self.duration = duration
        self.edgeAnswer = edgeAnswer
    }
}
