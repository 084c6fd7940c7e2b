// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
import FoundationEssentials

/// What the control plane must know of an instance after it was started again: `instance.json` in the instance's folder.
///
/// It holds no variables; whether those differ is seen in the service folder.
public struct InstanceRecord: Codable, Hashable, Sendable {
    /// The release that it runs.
    public var release: ReleaseID
    /// Its loopback port.
    public var port: Int
    /// Whether it runs in a container; nil, as in records from before there were any, for a process.
    public var isContainer: Bool?

    /// What is kept of a specification.
    public init(_ instance: InstanceSpecification) {
        release = instance.release
        port = instance.port
        isContainer = instance.image == nil ? nil : true
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
