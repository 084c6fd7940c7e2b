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
