// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import NIOCore

/// What happens to containers, as the engine tells it: one JSON object a line.
struct EngineEvents {
    /// One of them.
    struct Event: Decodable, Equatable {
        struct Actor: Decodable, Equatable {
            let id: String
            let attributes: [String: String]

            enum CodingKeys: String, CodingKey {
                case id = "ID"
                case attributes = "Attributes"
            }
        }

        /// `create`, `start`, `die`, `oom`, `health_status: healthy`, ….
        let action: String
        let actor: Actor
        /// Nanoseconds since 1970.
        let timeNano: Int64

        enum CodingKeys: String, CodingKey {
            case action = "Action"
            case actor = "Actor"
            case timeNano
        }
    }

    private var rest: [UInt8] = []

    /// The events that these bytes complete.
    mutating func take(_ buffer: ByteBuffer) -> [Event] {
        rest += buffer.readableBytesView
        var events: [Event] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            // What is about something else than containers is none.
            if let event = try? JSONDecoder().decode(Event.self, from: Data(rest[..<end])) {
                events.append(event)
            }
            rest.removeSubrange(...end)
        }
        return events
    }
}
