// SPDX-License-Identifier: Apache-2.0
public import Core

/// The name of the account that an environment's programs run as.
///
/// Different environments and purposes have different names. `opshub-tracehub_production` where that fits the 31
/// characters that useradd(8) and utmp(5) leave; `_` can't be part of a project or environment, so nothing else is
/// written like it. Where it does not fit: its beginning, `__` and a hash.
public struct AccountName: Sendable, Hashable, CustomStringConvertible {
    /// What the account is for.
    public enum Purpose: String, Sendable, Hashable, CaseIterable {
        /// Runs the environment's services.
        case services
        /// Runs the environment's builds and migrations, which may not touch the services' processes.
        case builds
        /// Owns the environment's data, out of the services' reach.
        case data
        /// Runs servers that backups are restored on to be proven, out of the data's reach: what a database runs while it is restored
        /// runs with its server's rights.
        case drills
    }

    /// The name.
    public let rawValue: String
    /// Whom it belongs to, in full: kept in the account's comment, so that two environments never share one.
    public let owner: String

    /// The account of an environment.
    public init(_ environment: EnvironmentKey, _ purpose: Purpose) {
        let suffix = purpose == .services ? "" : "_\(purpose.rawValue)"
        let full = "opshub-\(environment.project)_\(environment.environment)\(suffix)"
        owner = "OpsHub \(purpose.rawValue) of \(environment)"
        rawValue = full.utf8.count <= 31 ? full : "\(full.prefix(21))__\(Self.hash(full))"
    }

    /// The name.
    public var description: String { rawValue }

    /// FNV-1a with 32 bits, as eight hexadecimal digits.
    private static func hash(_ text: String) -> String {
        let value = text.utf8.reduce(UInt32(0x811C_9DC5)) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
