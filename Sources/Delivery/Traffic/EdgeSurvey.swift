// SPDX-License-Identifier: Apache-2.0
public import Core

/// What the running edge does for all environments, and where that is not what it was told.
public struct EdgeSurvey: Sendable, Hashable {
    /// Where new requests go, for every environment that the edge knows.
    public var splits: [EnvironmentKey: TrafficSplit]
    /// What somebody has changed at the edge, sentence by sentence.
    public var deviations: [EnvironmentKey: [String]]

    /// Describes an edge.
    public init(splits: [EnvironmentKey: TrafficSplit], deviations: [EnvironmentKey: [String]] = [:]) {
        self.splits = splits
        self.deviations = deviations
    }
}
