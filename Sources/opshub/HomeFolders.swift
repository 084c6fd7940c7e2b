// SPDX-License-Identifier: Apache-2.0
import Core
import Crypto
import FoundationEssentials
import HAProxyRouter
import HostSystem

/// What a home must have before anything runs on it; all of it is made once and kept.
enum HomeFolders {
    /// Makes the folders.
    ///
    /// Service accounts may pass through the home, and see nothing of it that is not theirs.
    static func make(_ layout: HomeLayout) throws {
        try Folder.make(layout.root, mode: 0o711)
        try Folder.make(layout.keys, mode: 0o700)
        try Folder.make(layout.programs, mode: 0o755)
        try Folder.make(layout.edge, mode: 0o755)
        try Folder.make(layout.repositories, mode: 0o700)
    }

    /// Removes what a control plane that ended was about to remove; only by whoever holds the home.
    static func clear(_ layout: HomeLayout) throws {
        try Folder.remove(layout.previews)
        // What is checked out there is for nobody else's eyes.
        try Folder.make(layout.previews, mode: 0o700)
        if Folder.exists(layout.clusters) {
            for name in try Folder.names(in: layout.clusters) where name.hasSuffix(".partial") {
                try Folder.remove("\(layout.clusters)/\(name)")
            }
        }
    }

    /// Holds the home, or says who does.
    static func lock(_ layout: HomeLayout) throws -> FileLock {
        try FileLock(layout.lock)
    }

    /// The installation's token; made on the first start.
    static func token(_ layout: HomeLayout) throws -> Secret {
        if let text = try FileContent.text(of: layout.token) {
            let token = text.filter { !$0.isWhitespace }
            guard token.count >= 32 else {
                throw Failure(
                    .damagedState,
                    "\(layout.token) holds no token",
                    hint: "remove the file and start again: a new token is made",
                )
            }
            return Secret(token)
        }
        let bytes = unsafe SymmetricKey(size: .bits256).withUnsafeBytes { unsafe Array($0) }
        let token = "oph_" + bytes.hexadecimal
        try DurableFile.write(token + "\n", to: layout.token, mode: 0o600)
        return Secret(token)
    }

    /// A copy of this program that every account can run and that stays when the installed one is replaced.
    static func program(_ layout: HomeLayout) throws -> String {
        let copy = "\(layout.programs)/opshub"
        try DurableFile.copy("/proc/self/exe", to: copy, mode: 0o755)
        return copy
    }

    /// Who the edge runs as after it has bound its ports: the account that the HAProxy package brings, for root only.
    static var edgeAccount: EdgeSettings.Account? {
        guard SystemUser.current.isRoot, SystemUser.find(name: "haproxy") != nil else { return nil }
        return EdgeSettings.Account(user: "haproxy", group: "haproxy")
    }
}
