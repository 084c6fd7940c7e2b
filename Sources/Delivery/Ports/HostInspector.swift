// SPDX-License-Identifier: Apache-2.0
public import Core

/// What is true of the machine that OpsHub runs on.
public protocol HostInspector: Sendable {
    /// Free bytes on the file system that holds `path`.
    func availableDisk(at path: String) async throws -> ByteCount

    /// Memory that programs could get without anybody being pushed out.
    func availableMemory() async throws -> ByteCount

    /// The programs that every deployment needs, with their versions: `HAProxy 2.6.12`.
    ///
    /// Throws `missing-program` when one is not installed, or is too old.
    func programs() async throws -> [String]

    /// Who listens on a loopback port, in words (`postgres (pid 812)`); nil when it is free.
    func holder(ofPort port: Int) async throws -> String?

    /// Loopback ports that nobody listens on and that are not in `avoiding`.
    func freePorts(_ count: Int, avoiding: Set<Int>) async throws -> [Int]
}
