// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc

/// An account of this machine.
public struct SystemUser: Hashable, Sendable {
    /// Its login name.
    public let name: String
    /// Its numeric id.
    public let userID: UInt32
    /// Its primary group.
    public let groupID: UInt32

    /// Describes an account.
    public init(name: String, userID: UInt32, groupID: UInt32) {
        self.name = name
        self.userID = userID
        self.groupID = groupID
    }

    /// The account that this process runs as.
    public static var current: SystemUser {
        SystemUser(name: find(id: geteuid())?.name ?? "\(geteuid())", userID: geteuid(), groupID: getegid())
    }

    /// Whether this is root.
    public var isRoot: Bool { userID == 0 }

    /// The account with this name, if there is one.
    public static func find(name: String) -> SystemUser? {
        unsafe read { entry, buffer, size, found in unsafe getpwnam_r(name, entry, buffer, size, found) }
    }

    /// The account with this id, if there is one.
    public static func find(id: UInt32) -> SystemUser? {
        unsafe read { entry, buffer, size, found in unsafe getpwuid_r(id, entry, buffer, size, found) }
    }

    private static func read(
        _ look: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) -> SystemUser? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        let size = buffer.count
        return unsafe buffer.withUnsafeMutableBufferPointer { bytes -> SystemUser? in
            guard let base = bytes.baseAddress, unsafe look(&entry, base, size, &found) == 0,
                unsafe found != nil
            else {
                return nil
            }
            return unsafe SystemUser(
                name: String(cString: entry.pw_name),
                userID: entry.pw_uid,
                groupID: entry.pw_gid,
            )
        }
    }
}
