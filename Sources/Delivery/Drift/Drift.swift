// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials
public import Manifest

/// Something of what serves that is otherwise than its release was made, although no deployment changed it.
public struct Drift: Sendable, Hashable, Codable {
    /// What it is about.
    public var kind: DriftKind
    /// What is the matter, as a sentence without its full stop: `web.1 is stopped`.
    public var text: String
    /// Whether only a deployment puts it right.
    public var takesDeployment: Bool

    /// Describes a finding; files and variables take a deployment unless it is said otherwise.
    public init(_ kind: DriftKind, _ text: String, takesDeployment: Bool? = nil) {
        self.kind = kind
        self.text = text
        self.takesDeployment = takesDeployment ?? (kind == .files || kind == .variables)
    }
}

/// What was found in an environment the last time.
public struct DriftReport: Sendable, Hashable {
    /// The release that was looked at, where it is.
    public var placement: Placement
    /// When it was looked at.
    public var checkedAt: Date
    /// What was found then, and since when that is so.
    public var since: [Drift: Date]

    /// What of it is put right by itself.
    public var heals: [DriftKind]

    /// Findings, by kind and then by their words.
    public var findings: [Drift] {
        since.keys.sorted { ($0.kind.rawValue, $0.text) < ($1.kind.rawValue, $1.text) }
    }
}
