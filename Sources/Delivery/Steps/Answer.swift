// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

/// Judges one HTTP answer against what was expected of it.
enum Answer {
    /// Nil when the answer is as expected, else what is different, in a few words.
    static func difference(_ response: ProbeResponse, status: Int, expect: [String: String]) -> String? {
        guard response.status == status else {
            return "answered \(response.status) instead of \(status)" + excerpt(of: response)
        }
        guard !expect.isEmpty else { return nil }
        guard let body = members(of: response.body) else {
            return "answered \(response.status) with a body that is no JSON object" + excerpt(of: response)
        }
        let wrong = expect.sorted { $0.key < $1.key }.filter { body[$0.key] != $0.value }
        guard let (name, wanted) = wrong.first else { return nil }
        return "answered \(name): \(body[name] ?? "nothing") instead of \(wanted)"
    }

    /// Nil when the answer is what a healthy instance gives.
    static func difference(_ response: ProbeResponse, _ health: HealthCheckManifest) -> String? {
        guard health.takesAnyAnswer == true else {
            return difference(response, status: health.status, expect: health.expect)
        }
        return response.status < 500 ? nil : "answered \(response.status)" + excerpt(of: response)
    }

    /// The first characters of a body, for evidence.
    private static func excerpt(of response: ProbeResponse) -> String {
        let text = String(decoding: response.body.prefix(200), as: UTF8.self)
            .map { $0.isNewline ? " " : String($0) }.joined()
        return text.isEmpty ? "" : ": \(text)"
    }

    /// Top-level members of a JSON object, their values as text; nil when it is none.
    private static func members(of body: [UInt8]) -> [String: String]? {
        // Nil says: not an object.
        let members = try? JSONDecoder().decode([String: Scalar].self, from: Data(body))
        return members?.mapValues(\.text)
    }

    private struct Scalar: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            // Each attempt fails for every other type; that is how Codable tells types apart.
            if let text = try? container.decode(String.self) {
                self.text = text
            } else if let flag = try? container.decode(Bool.self) {
                text = flag ? "true" : "false"
            } else if let number = try? container.decode(Int.self) {
                text = "\(number)"
            } else if let number = try? container.decode(Double.self) {
                text = "\(number)"
            } else {
                text = "(not a plain value)"
            }
        }
    }
}
