// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import HostSystem

/// How a Redis accessory was made: written once everything about it was.
struct RedisRecord: Hashable, Codable {
    /// The format of this file.
    var format = 1
    /// The major version.
    var major: Int
    /// The loopback port.
    var port: Int

    /// Describes a server.
    init(major: Int, port: Int) {
        self.major = major
        self.port = port
    }

    /// Reads it; nil when the accessory was never made.
    init?(_ place: RedisPlace) throws(Failure) {
        guard let bytes = try FileContent.bytes(of: place.record) else { return nil }
        do {
            self = try JSONDecoder().decode(RedisRecord.self, from: Data(bytes))
        } catch {
            throw Failure(
                .damagedState,
                "\(place.record) can't be read",
                hint: "remove that file; the next deployment writes it again",
                cause: String(describing: error),
            )
        }
    }

    /// Writes it durably.
    func write(to place: RedisPlace) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try DurableFile.write(Array(try encoder.encode(self)) + [0x0A], to: place.record, mode: 0o600)
    }
}
