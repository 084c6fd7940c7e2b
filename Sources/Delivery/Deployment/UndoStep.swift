// SPDX-License-Identifier: Apache-2.0

/// One step back.
///
/// All are idempotent. They run in the order of this list, but that after maintenance traffic returns last.
public enum UndoStep: String, Hashable, Sendable, Codable, CaseIterable, CustomStringConvertible {
    /// Answers nobody, until the schema is the one again that what served needs.
    case close
    /// Sends all new requests where they went before.
    case returnTraffic
    /// Applies again what was taken back, as soon as those have the traffic who need it.
    case returnSchema
    /// Waits for the requests that the failed release is still answering.
    case drainIncoming
    /// Stops the failed release's instances.
    case stopIncoming
    /// Puts the database back that was there before, and lets everybody in.
    case returnDatabase

    /// As people read it.
    public var description: String {
        switch self {
        case .close: "close to traffic"
        case .returnTraffic: "return traffic"
        case .drainIncoming: "drain the incoming release"
        case .stopIncoming: "stop the incoming release"
        case .returnDatabase: "return the database"
        case .returnSchema: "return the schema"
        }
    }
}
