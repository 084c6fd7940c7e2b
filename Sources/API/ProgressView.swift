// SPDX-License-Identifier: Apache-2.0

/// How far something has come that takes long and is under way now.
public struct ProgressView: Codable, Sendable, Hashable {
    /// What is being worked on: `backup b3`, `migrations of app/production db`.
    public var of: String
    /// `waiting`, `recovering`, `dumping`, `hashing`, `restoring`, `comparing`, `sending`, `reading back`, `fetching` or `verifying`.
    public var stage: String
    /// For how many seconds.
    public var seconds: Double
    /// How much is done, in `unit`; 0 in stages that do not count.
    public var done: Int64
    /// How much there will be; of a dump as much as last time, absent when nobody knows.
    public var total: Int64?
    /// `bytes` or `migrations`.
    public var unit: String

    /// Describes progress.
    public init(
        of subject: String,
        stage: String,
        seconds: Double,
        done: Int64,
        total: Int64?,
        unit: String = "bytes",
    ) {
        of = subject
        self.stage = stage
        self.seconds = seconds
        self.done = done
        self.total = total
        self.unit = unit
    }

    /// Reads it, also from a control plane that does not say what it is of.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        of = try container.decodeIfPresent(String.self, forKey: .of) ?? ""
        stage = try container.decode(String.self, forKey: .stage)
        seconds = try container.decode(Double.self, forKey: .seconds)
        done = try container.decode(Int64.self, forKey: .done)
        total = try container.decodeIfPresent(Int64.self, forKey: .total)
        unit = try container.decodeIfPresent(String.self, forKey: .unit) ?? "bytes"
    }
}
