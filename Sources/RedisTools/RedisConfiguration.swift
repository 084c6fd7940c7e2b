// SPDX-License-Identifier: Apache-2.0
import Core
import Crypto

/// The texts of a Redis server's settings.
struct RedisConfiguration {
    /// Where everything lies.
    let place: RedisPlace
    /// The loopback port.
    let port: Int

    /// OpsHub's own user.
    static let superuser = "opshub"

    /// The settings.
    ///
    /// Every write is on the disk within a second (`appendfsync everysec`, Redis's own default for its log). Without save points
    /// a snapshot that fails, as one of a backup on a full disk, does not stop writes. What an application hands to RESTORE is checked
    /// before the server believes it.
    var settings: String {
        """
        # Written by OpsHub.
        bind 127.0.0.1
        port \(port)
        unixsocket "\(place.socket)"
        unixsocketperm 700
        pidfile "\(place.processFile)"
        dir "\(place.data)"
        aclfile "\(place.users)"
        appendonly yes
        appendfsync everysec
        save ""
        sanitize-dump-payload clients
        daemonize no
        logfile ""

        """
    }

    /// Who may get in.
    ///
    /// The application may everything but what belongs to who runs the server: no settings, no files, no replication, no shutdown.
    ///
    /// - Parameters:
    ///   - application: Its password.
    ///   - own: OpsHub's.
    ///   - isOpen: Whether the application may get in.
    /// - Returns: The text of an ACL file.
    static func users(_ application: Secret, own: Secret, isOpen: Bool) -> String {
        """
        user default \(isOpen ? "on" : "off") #\(hash(application)) ~* &* +@all -@admin +config|get +slowlog +latency
        user \(superuser) on #\(hash(own)) ~* &* +@all

        """
    }

    private static func hash(_ password: Secret) -> String {
        SHA256.hash(data: Array(password.revealed().utf8)).hexadecimal
    }
}
