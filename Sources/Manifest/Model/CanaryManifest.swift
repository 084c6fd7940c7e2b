// SPDX-License-Identifier: Apache-2.0

/// `canary:` of an environment: how its traffic moves when its strategy is `canary`.
public struct CanaryManifest: Hashable, Sendable, Codable {
    /// The shares of new requests, in percent, that the new release gets one after another; growing, the last one 100.
    ///
    /// 5, 25, 50 and 100 by default.
    public var steps: [Int]
    /// Whether a client stays with the release that answered it first, by a cookie, while two share the traffic.
    public var sticky: Bool

    /// Describes a canary.
    public init(steps: [Int] = [5, 25, 50, 100], sticky: Bool = false) {
        self.steps = steps
        self.sticky = sticky
    }
}
