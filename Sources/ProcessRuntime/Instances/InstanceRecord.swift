// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials

/// What the control plane must know of an instance after it was started again: `instance.json` in the instance's folder.
///
/// It holds no variables; whether those differ is seen in the service folder.
struct InstanceRecord: Codable, Hashable {
    /// The release that it runs.
    var release: ReleaseID
    /// Its loopback port.
    var port: Int

    /// What is kept of a specification.
    init(_ instance: InstanceSpecification) {
        release = instance.release
        port = instance.port
    }

    /// Reads the file's bytes; throws `damaged-state` when they are none of ours.
    init(json: [UInt8], path: String) throws(Failure) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(json))
        } catch {
            throw Failure(
                .damagedState,
                "\(path) does not say which release runs there",
                hint: "deploy again; the slot is then written anew",
                cause: String(describing: error),
            )
        }
    }

    /// The file's bytes.
    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        return Array(try encoder.encode(self))
    }
}
