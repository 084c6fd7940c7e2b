// SPDX-License-Identifier: Apache-2.0

/// Which slot answers new requests.
public enum TrafficSplit: Sendable, Hashable, Codable {
    /// None: nothing was ever deployed. The edge answers 503.
    case none
    /// None, for the time of a maintenance: the edge answers 503, and says when to try again.
    case closed
    /// One slot answers everything.
    case all(Slot)
    /// Two slots share: `percent` (1…99) of new requests go to `incoming`, the rest to its other slot.
    case shared(incoming: Slot, percent: Int)

    /// Whether a slot may get new requests.
    public func reaches(_ slot: Slot) -> Bool {
        switch self {
        case .none, .closed: false
        case .all(let one): one == slot
        case .shared: true
        }
    }
}

extension TrafficSplit: CustomStringConvertible {
    /// `nowhere`, `nowhere: closed for maintenance`, `100% green`, `25% green, 75% blue`.
    public var description: String {
        switch self {
        case .none: "nowhere"
        case .closed: "nowhere: closed for maintenance"
        case .all(let slot): "100% \(slot)"
        case .shared(let incoming, let percent):
            "\(percent)% \(incoming), \(100 - percent)% \(incoming.other)"
        }
    }
}
