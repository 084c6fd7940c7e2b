// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// A person's yes to a plan, as the API shows it.
public struct ApprovalView: Codable, Sendable, Hashable {
    /// Who.
    public var by: String
    /// When.
    public var at: Date
    /// The address that it came from.
    public var from: String?
    /// The plan's digest.
    public var plan: String
    /// What the person said about it.
    public var comment: String?

    /// Describes a yes.
    public init(by: String, at: Date, from: String?, plan: String, comment: String?) {
        self.by = by
        self.at = at
        self.from = from
        self.plan = plan
        self.comment = comment
    }
}
