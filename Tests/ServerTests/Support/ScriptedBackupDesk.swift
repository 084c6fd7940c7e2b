// SPDX-License-Identifier: Apache-2.0
import API
import Core
import FoundationEssentials
import Server

/// Backups of a world where there is one, and whose proof fails.
struct ScriptedBackupDesk: BackupDesk {
    static let one = BackupView(
        id: "b1",
        state: "verified",
        database: "tracehub/production/db/tracehub",
        reason: "before d1",
        startedAt: Date(timeIntervalSince1970: 1_800_000_000),
        size: 4096,
        sha256: "a0",
        proof: "1 table",
    )

    func backups(of environment: EnvironmentKey) async throws -> [BackupView] { [Self.one] }

    func underWay(in environment: EnvironmentKey) async throws -> [ProgressView] {
        [ProgressView(of: "backup b2", stage: "dumping", seconds: 2, done: 10, total: 40)]
    }

    func backup(_ id: String) async throws -> BackupDetailView {
        guard id == Self.one.id else { throw Failure(.notFound, "there is no backup \(id)") }
        return BackupDetailView(
            backup: Self.one,
            kind: "postgres",
            tables: [.init(name: "public.t", rows: 1)],
        )
    }

    func create(
        _ environment: EnvironmentKey,
        _ order: BackupOrder,
        by person: String,
    ) async throws -> [BackupView] {
        var made = Self.one
        let moment = order.asOf.map { "as of \($0.formatted(.iso8601)), " } ?? ""
        made.reason = "\(moment)asked for by \(person)"
        return [made]
    }

    func windows(of environment: EnvironmentKey) async throws -> [WindowView] {
        let from = Self.one.startedAt
        return [
            WindowView(
                accessory: "db",
                database: Self.one.database,
                stretches: [.init(from: from, to: from.addingTimeInterval(3600))],
                problem: nil,
            )
        ]
    }

    func prune(_ environment: EnvironmentKey, onlyAsked: Bool) async throws -> [BackupVerdictView] {
        [
            BackupVerdictView(
                backup: Self.one,
                goes: !onlyAsked,
                reasons: onlyAsked ? ["the last verified"] : [],
            )
        ]
    }

    func verifyOffsite(_ id: String) async throws -> BackupView {
        throw Failure(.conflict, "backup \(id) is not off-site")
    }

    func fetch(
        _ id: String,
        of environment: EnvironmentKey,
        from store: StoreName,
    ) async throws -> BackupView {
        guard id == Self.one.id else { throw Failure(.notFound, "store \(store) has no backup \(id)") }
        return Self.one
    }

    func problems(of environment: EnvironmentKey) async throws -> [String] { [] }

    func recoveryKey() async throws -> RecoveryKeyView {
        RecoveryKeyView(id: "0011223344556677", isExported: false)
    }

    func exportKey() async throws -> RecoveryKeyView {
        RecoveryKeyView(id: "0011223344556677", isExported: true, key: "opshub-key-1 AAAA 0000")
    }

    func verify(_ id: String) async throws -> BackupView {
        guard id == Self.one.id else { throw Failure(.notFound, "there is no backup \(id)") }
        throw Failure(.backupFailed, "b1 does not restore", hint: "take another", evidence: ["41 rows"])
    }
}
