// SPDX-License-Identifier: Apache-2.0

/// What was found and put in order after the control plane ended.
public struct BackupRecovery: Hashable, Sendable {
    /// Came back into the catalogue from their manifests.
    public var adopted: [BackupID] = []
    /// Were being written, and are failed now.
    public var interrupted: [BackupID] = []
    /// The catalogue says that they have content, but no manifest does; left as they are.
    public var missing: [BackupID] = []
    /// The servers of their drills were left, and are removed.
    public var cleared: [BackupID] = []
    /// Folders of the vault that hold no complete backup; left as they are.
    public var oddities: [VaultContents.Oddity] = []

    /// Nothing was found.
    public init() {}
}
