// SPDX-License-Identifier: Apache-2.0

/// `compose:`: the compose files that describe what runs.
public struct ComposeManifest: Hashable, Sendable, Codable {
    /// Paths below the repository's root; each is laid over those before it.
    public var files: [String]
    /// Profiles that are on.
    public var profiles: [String]

    /// Names compose files.
    public init(files: [String], profiles: [String] = []) {
        self.files = files
        self.profiles = profiles
    }
}
