// SPDX-License-Identifier: Apache-2.0

/// What a running control plane writes beside its state, so that the command line finds it.
public struct RunInfo: Codable, Sendable, Hashable {
    /// Where it answers.
    public var url: String
    /// Its process.
    public var process: Int32

    /// Describes a running control plane.
    public init(url: String, process: Int32) {
        self.url = url
        self.process = process
    }
}
