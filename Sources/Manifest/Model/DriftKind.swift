// SPDX-License-Identifier: Apache-2.0

/// What of a serving release can turn out otherwise than it was made.
public enum DriftKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// An instance does not run although nobody asked OpsHub to stop it.
    case services
    /// The edge sends requests elsewhere.
    case routes
    /// A file of the release was changed or removed since it was built.
    case files
    /// An instance has another value for a variable than it should be started with.
    case variables
}
