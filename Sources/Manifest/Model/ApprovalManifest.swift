// SPDX-License-Identifier: Apache-2.0

/// `approval:` of an environment.
public struct ApprovalManifest: Hashable, Sendable, Codable {
    /// Whether a deployment waits for a yes; only for `production` by default.
    public var required: Bool
    /// Roles that may say it: `OWNER`, `MAINTAINER`, `DEVELOPER`; the first two by default.
    public var by: [String]
    /// How many people must say it; 1 by default.
    public var count: Int
    /// Whether whoever asked for the deployment may say it too; false by default.
    public var own: Bool
    /// How long an unanswered request stays open; 24 h by default.
    public var expires: Duration

    /// Describes an approval policy.
    public init(
        required: Bool = false,
        by: [String] = ["OWNER", "MAINTAINER"],
        count: Int = 1,
        own: Bool = false,
        expires: Duration = .seconds(86_400),
    ) {
        self.required = required
        self.by = by
        self.count = count
        self.own = own
        self.expires = expires
    }
}
