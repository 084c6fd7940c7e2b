// SPDX-License-Identifier: Apache-2.0

/// A version of the engine's API: `1.41`.
struct EngineVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    let major: Int
    let minor: Int

    /// The oldest that has what we need: Docker 20.10, Podman 4.
    static let oldest = EngineVersion(major: 1, minor: 41)
    /// The newest whose description we have read.
    static let newest = EngineVersion(major: 1, minor: 47)

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `1.41`; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ".").map { Int($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
        self.init(major: major, minor: minor)
    }

    var description: String { "\(major).\(minor)" }

    static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    /// The version to speak with an engine that knows those from `lowest` to `highest`; nil when there is none.
    static func common(lowest: EngineVersion, highest: EngineVersion) -> EngineVersion? {
        let version = min(highest, newest)
        return version >= max(lowest, oldest) ? version : nil
    }
}
