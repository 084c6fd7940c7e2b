// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// A release in a slot.
public struct Placement: Sendable, Hashable, Codable {
    /// The release.
    public var release: ReleaseID
    /// Where it runs.
    public var slot: Slot
    /// Since when it is there.
    public var since: Date

    /// Describes a placement.
    public init(release: ReleaseID, slot: Slot, since: Date) {
        self.release = release
        self.slot = slot
        self.since = since
    }
}
