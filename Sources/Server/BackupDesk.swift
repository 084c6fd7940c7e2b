// SPDX-License-Identifier: Apache-2.0
public import API
public import Core

/// Backups as people ask for them.
public protocol BackupDesk: Sendable {
    /// Newest first.
    func backups(of environment: EnvironmentKey) async throws -> [BackupView]

    /// Copies every database of the environment now, and proves each copy by a restore.
    func create(_ environment: EnvironmentKey, by person: String) async throws -> [BackupView]

    /// Proves a copy again. Throws `not-found`, or `backup-failed` with what differs.
    func verify(_ id: String) async throws -> BackupView
}
