// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// One HTTP/1.1 answer, taken apart.
struct EdgeAnswer: Sendable {
    /// Why bytes are no answer.
    struct Unreadable: Error {
        let bytes: String
    }

    let status: Int
    /// By name in lower case, in the order written.
    let headers: [String: [String]]
    /// As it came, chunks and all.
    let body: [UInt8]

    /// Reads everything that a connection brought.
    init(_ bytes: [UInt8]) throws {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            throw Unreadable(bytes: String(decoding: bytes, as: UTF8.self))
        }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let words = lines.first?.split(separator: " "), words.count > 1, let status = Int(words[1])
        else {
            throw Unreadable(bytes: String(decoding: bytes, as: UTF8.self))
        }
        self.status = status
        headers = lines.dropFirst()
            .reduce(into: [:]) { headers, line in
                let colon = line.firstIndex(of: ":") ?? line.endIndex
                let value = line[colon...].dropFirst().drop { $0 == " " }
                headers[line[..<colon].lowercased(), default: []].append(String(value))
            }
        body = Array(bytes[end.upperBound...])
    }

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }

    /// Which application answered; nil when it was the edge itself.
    var version: String? { headers["x-version"]?.first }

    /// The body as a JSON object of texts, by name in lower case, as HAProxy writes the names of headers.
    func members() throws -> [String: String] {
        let members = try JSONDecoder().decode([String: String].self, from: Data(body))
        return Dictionary(members.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
    }
}
