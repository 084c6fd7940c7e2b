// SPDX-License-Identifier: Apache-2.0
public import Core

/// One request with what its answer must look like: an item of `smoke:` or `external:`.
public struct SmokeCheckManifest: Hashable, Sendable, Codable {
    /// The path of a GET request.
    public var path: String
    /// The status that it must answer; 200 by default.
    public var status: Int
    /// Top-level members that the JSON body must have, with these values as text.
    ///
    /// Empty: the body is not looked at.
    public var expect: [String: String]
    /// The service that is asked; the one that the path is routed to when not said.
    public var service: ServiceName?

    /// Describes a request and its answer.
    public init(path: String, status: Int = 200, expect: [String: String] = [:], service: ServiceName? = nil)
    {
        self.path = path
        self.status = status
        self.expect = expect
        self.service = service
    }
}
