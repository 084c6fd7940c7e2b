// SPDX-License-Identifier: Apache-2.0

/// A container engine as one home uses it.
public struct Engine: Sendable {
    let client: EngineClient
    let logs: ContainerLogs
    let stops = AskedStops()
    /// What tells this home's things there from others'.
    public let identity: HomeIdentity

    /// An engine by its address; nothing is asked yet.
    public init(_ address: EngineAddress, identity: HomeIdentity) {
        client = EngineClient(address)
        logs = ContainerLogs(client: client)
        self.identity = identity
    }

    /// What it is: `Docker 20.10.24`.
    ///
    /// Throws `engine-failed` when it does not answer, may not be asked, or speaks another language.
    public func product() async throws -> String { try await client.product() }
}
