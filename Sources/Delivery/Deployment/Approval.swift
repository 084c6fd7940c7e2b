// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// A named person's recorded yes to one exact plan.
public struct Approval: Sendable, Hashable, Codable {
    /// Who.
    public var by: String
    /// When.
    public var at: Date
    /// What was approved.
    public var digest: PlanDigest
    /// The address that it came from; nil when nothing is known of that.
    public var from: String?
    /// What the person said about it.
    public var comment: String?

    /// Describes an approval.
    public init(by: String, at: Date, digest: PlanDigest, from: String? = nil, comment: String? = nil) {
        self.by = by
        self.at = at
        self.digest = digest
        self.from = from
        self.comment = comment
    }
}
