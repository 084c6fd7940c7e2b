// SPDX-License-Identifier: Apache-2.0
public import Core

/// `limits:` of a service: what one instance may use.
public struct LimitsManifest: Hashable, Sendable, Codable {
    /// Private memory (RLIMIT_DATA); 1 GiB by default.
    public var memory: ByteCount
    /// Open files (RLIMIT_NOFILE); 4096 by default.
    public var files: Int
    /// How long an instance has to end after it was asked to, before it is killed; 10 s by default.
    public var stopTimeout: Duration

    /// Describes limits.
    public init(
        memory: ByteCount = .mebibytes(1024),
        files: Int = 4096,
        stopTimeout: Duration = .seconds(10),
    ) {
        self.memory = memory
        self.files = files
        self.stopTimeout = stopTimeout
    }
}
