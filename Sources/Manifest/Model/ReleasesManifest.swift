// SPDX-License-Identifier: Apache-2.0
public import Core

/// How many builds of an environment are kept for rollbacks.
public struct ReleasesManifest: Hashable, Sendable, Codable {
    /// So many of the newest are kept; 10 by default.
    public var keepLast: Int
    /// Older ones go although they are among the newest; nil when age does not matter.
    public var keepDays: Int?
    /// What all of them may take on the disk; 10 GiB by default.
    public var maxSize: ByteCount

    /// Describes a policy.
    public init(keepLast: Int = 10, keepDays: Int? = nil, maxSize: ByteCount = .mebibytes(10 * 1024)) {
        self.keepLast = keepLast
        self.keepDays = keepDays
        self.maxSize = maxSize
    }
}
