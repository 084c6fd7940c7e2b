// SPDX-License-Identifier: Apache-2.0

/// Somebody and their role, as the API shows it; also the body of `POST /api/v1/people`.
public struct PersonView: Codable, Sendable, Hashable {
    /// The name.
    public var name: String
    /// `OWNER`, `MAINTAINER`, `DEVELOPER` or `VIEWER`.
    public var role: String

    /// Describes somebody.
    public init(name: String, role: String) {
        self.name = name
        self.role = role
    }
}

/// Body of `POST /api/v1/people/removal`.
public struct PersonRemoval: Codable, Sendable, Hashable {
    /// Whose role is taken.
    public var name: String

    /// Describes a removal.
    public init(name: String) {
        self.name = name
    }
}
