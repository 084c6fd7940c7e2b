// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import HostSystem
import Testing

@testable import HAProxyRouter

/// One line of the access log, read as strictly as any JSON reader would.
struct AccessLine: Decodable, Sendable, Hashable {
    let at: Int
    let ms: Int
    let status: Int
    let environment: String
    let slot: String
    let release: String
    let service: String
    let server: String
    let method: String
    let path: String
    let bytes: Int
    let client: String
    let id: String
    let end: String
}

extension EdgeHome {
    /// Every request that was logged, once one for this path was.
    ///
    /// HAProxy's own remarks stand between them; a line that is neither is a failure of the test.
    func accessLines(upTo path: String) async throws -> [AccessLine] {
        var bytes: [UInt8] = []
        try await eventually("a request for \(path) is logged") {
            bytes = try FileContent.bytes(of: "\(settings.log)/current") ?? []
            let wanted = Array("\"path\":\"\(path.replacing("/", with: "\\/"))\"".utf8)
            guard let found = bytes.firstRange(of: wanted) else { return false }
            return bytes[found.upperBound...].contains(UInt8(ascii: "\n"))
        }
        return bytes.split(separator: UInt8(ascii: "\n"))
            .compactMap { line in
                // svlogd's own time stands before each.
                let text = line.drop { $0 != UInt8(ascii: " ") }.dropFirst()
                guard !Self.remarks.contains(where: { text.starts(with: $0.utf8) }) else { return nil }
                do {
                    return try JSONDecoder().decode(AccessLine.self, from: Data(text))
                } catch {
                    Issue.record(error, "\(String(decoding: text, as: UTF8.self))")
                    return nil
                }
            }
    }

    /// How lines begin that HAProxy writes of itself.
    private static let remarks = ["[", "Server ", "Proxy ", "backend "]
}
