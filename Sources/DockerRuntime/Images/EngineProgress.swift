// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import NIOCore

/// What the engine writes while it builds or fetches an image: one JSON object a line.
struct EngineProgress {
    /// One of them.
    struct Event: Decodable, Equatable {
        /// What was made.
        struct Aux: Decodable, Equatable {
            let id: String?

            enum CodingKeys: String, CodingKey {
                case id = "ID"
            }
        }

        struct Detail: Decodable, Equatable {
            let code: Int?
            let message: String?
        }

        let stream: String?
        let status: String?
        /// Which layer.
        let id: String?
        let error: String?
        let errorDetail: Detail?
        let aux: Aux?
    }

    private static let newline = UInt8(ascii: "\n")

    private var rest: [UInt8] = []
    /// The beginning of a line of output that has not ended.
    private var line = ""
    /// What was made, by its content.
    private(set) var image: String?
    /// Why it ended, in the engine's words.
    private(set) var error: String?

    /// Takes what came.
    ///
    /// - Returns: Lines for people.
    mutating func take(_ buffer: ByteBuffer) -> [String] {
        rest += buffer.readableBytesView
        var lines: [String] = []
        while let end = rest.firstIndex(of: Self.newline) {
            // What is no event of this kind says nothing that matters here.
            if let event = try? JSONDecoder().decode(Event.self, from: Data(rest[..<end])) {
                lines += take(event)
            }
            rest.removeSubrange(...end)
        }
        return lines
    }

    private mutating func take(_ event: Event) -> [String] {
        if let id = event.aux?.id { image = id }
        if let message = event.error ?? event.errorDetail?.message { error = message }
        if let status = event.status {
            // How much of a layer has come is told by nobody's hundred lines.
            let isStep = ["Downloading", "Extracting", "Waiting", "Preparing", "Pushing"].contains(status)
            return isStep ? [] : [event.id.map { "\($0): \(status)" } ?? status]
        }
        guard let text = event.stream else { return [] }
        var parts = (line + text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        line = parts.removeLast()
        return parts.filter { !$0.isEmpty }
    }
}
