// SPDX-License-Identifier: Apache-2.0

/// One environment of one project; written `tracehub/production`.
public struct EnvironmentKey: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// The project.
    public let project: ProjectName
    /// The environment within the project.
    public let environment: EnvironmentName

    /// Names an environment of a project.
    public init(_ project: ProjectName, _ environment: EnvironmentName) {
        self.project = project
        self.environment = environment
    }

    /// `project/environment`.
    public var description: String { "\(project)/\(environment)" }

    /// Orders by project, then environment.
    public static func < (left: Self, right: Self) -> Bool {
        (left.project, left.environment) < (right.project, right.environment)
    }
}
