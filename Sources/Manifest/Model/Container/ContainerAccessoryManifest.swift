// SPDX-License-Identifier: Apache-2.0
public import Core

/// An accessory in a container: a compose service that keeps data.
public struct ContainerAccessoryManifest: Hashable, Sendable, Codable {
    /// How it runs.
    public var container: ContainerManifest
    /// Its variables.
    public var variables: [String: String]
    /// Memory that it may use; no limit when nil.
    public var memory: ByteCount?
    /// How long it has to end after it was asked to.
    public var stopTimeout: Duration

    /// Values of variables that are called as people call what nobody may read.
    public var secrets: [String] {
        variables.filter { name, value in !value.isEmpty && Self.isSecret(name) }.values.sorted()
    }

    private static func isSecret(_ name: String) -> Bool {
        let name = name.uppercased()
        let words = ["PASSWORD", "SECRET", "TOKEN", "PRIVATE", "CREDENTIAL", "API_KEY", "ACCESS_KEY"]
        return words.contains { name.contains($0) }
    }

    /// Describes an accessory.
    public init(
        container: ContainerManifest,
        variables: [String: String] = [:],
        memory: ByteCount? = nil,
        stopTimeout: Duration = .seconds(60),
    ) {
        self.container = container
        self.variables = variables
        self.memory = memory
        self.stopTimeout = stopTimeout
    }
}
