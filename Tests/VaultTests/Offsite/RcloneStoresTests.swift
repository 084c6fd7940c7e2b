// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Foundation
import HostSystem
import TestSupport
import Testing

@testable import Vault

/// Copies by way of rclone in a store that speaks S3.
@Suite("Backups in an S3 store", .serialized, .timeLimit(.minutes(15)))
struct RcloneStoresTests {
    private static let name = StoreName("spaces")
    /// More than one part of an upload.
    private static func large() throws -> [UInt8] {
        let random = try #require(FileHandle(forReadingAtPath: "/dev/urandom"))
        return Array(try #require(try random.read(upToCount: 9 << 20)))
    }

    /// A vault, a store that it copies to, and the stores as the product has them.
    private func with(
        _ body: (VaultBench, StoreServer, RcloneStores) async throws -> Void
    ) async throws {
        try await VaultBench.with { bench in
            try await StoreServer.with(in: bench.layout.root) { server in
                try ObjectStoreRegister(layout: bench.layout).add(try server.store())
                try await body(
                    bench,
                    server,
                    RcloneStores(layout: bench.layout, patience: .seconds(2), attempts: 1),
                )
            }
        }
    }

    @Test("arrive as they are, are listed once their manifest is there, come back, and go")
    func roundTrip() async throws {
        try await with { bench, server, stores in
            let bytes = try Self.large()
            let backup = try await bench.receive(bytes)
            let seal = try #require(backup.content?.seal)
            try await bench.vault.publish(backup)
            let (sent, readBack) = (Noted<Int>(), Noted<Int>())
            try await stores.send(backup, to: Self.name) { sent.add($0) }
            #expect(sent.all.reduce(0, +) == seal.size.bytes, "what is told is what was sent")
            #expect(try await stores.seal(of: backup, in: Self.name) { readBack.add($0) } == seal)
            #expect(readBack.all.reduce(0, +) == seal.size.bytes)
            let unsealed = try await stores.contents(of: bench.environment, in: Self.name)
            #expect(unsealed.backups.isEmpty && unsealed.oddities.map(\.problem) == ["there is no manifest"])

            try await stores.publish(backup, to: Self.name)
            #expect(
                try await stores.contents(of: bench.environment, in: Self.name)
                    == VaultContents(backups: [backup])
            )
            let folder = "opshub/main/tracehub/production/b1-\(seal.sha256.prefix(16))"
            let listed = try await server.rclone("lsf", "-R", "--files-only", "store:acme-backups")
            #expect(Set(listed.split(separator: "\n")) == ["\(folder)/dump", "\(folder)/manifest.json"])

            // Another home's backup of the same name lies beside it.
            try await bench.vault.discard(backup)
            let other = try await bench.receive(Array("another".utf8))
            try await bench.vault.publish(other)
            try await stores.send(other, to: Self.name) { _ in }
            try await stores.publish(other, to: Self.name)
            #expect(try await stores.contents(of: bench.environment, in: Self.name).backups.count == 2)
            #expect(try await stores.seal(of: backup, in: Self.name) { _ in } == seal)
            try await bench.vault.discard(other)

            try await bench.vault.adopt(backup) { try await stores.read(backup, from: Self.name, into: $0) }
            try await bench.vault.publish(backup)
            #expect(try await bench.vault.seal(of: backup) { _ in } == seal)
            let box = ByteCollector()
            _ = try await bench.vault.read(backup) { box.add($0) }
            #expect(box.bytes == bytes)

            for _ in 1...2 { try await stores.discard(backup, from: Self.name) }
            #expect(try await stores.contents(of: bench.environment, in: Self.name).backups == [other])
            let gone = await #expect(throws: Failure.self) {
                try await stores.seal(of: backup, in: Self.name) { _ in }
            }
            #expect(gone?.code == .backupFailed)
        }
    }

    @Test("are never taken for arrived when the store fails or lies")
    func faults() async throws {
        try await with { bench, server, stores in
            let backup = try await bench.receive(try Self.large())
            let seal = try #require(backup.content?.seal)
            try await bench.vault.publish(backup)
            for (fault, expected) in [
                (StoreServer.Fault.none, "arrived"), (.swallow, "sending: program-failed"),
                (.clip, "sending: program-failed"), (.flip, "read back: another one"),
                (.cut, "read back: another one"),
            ] {
                try server.fail(fault)
                let found = try await Self.arrival(of: backup, seal, stores)
                #expect(found == expected, "\(fault)")
                try server.fail(.none)
                try await stores.discard(backup, from: Self.name)
            }
            try await stores.send(backup, to: Self.name) { _ in }
            let wrong: [(StoreServer.Fault, [Call], Failure.Code)] = [
                (.away, [.send, .discard], .unreachable), (.hang, Call.allCases, .unreachable),
                (.shy, [.seal], .unreachable), (.deny, Call.allCases, .unauthorized),
                (.stranger, [.discard], .invalid),
            ]
            for (fault, calls, code) in wrong {
                try server.fail(fault)
                for call in calls {
                    let failure = await #expect(throws: Failure.self) { try await call.make(stores, backup) }
                    #expect(failure?.code == code, "\(fault), \(call): \(String(describing: failure))")
                    #expect(failure.map { "\($0)\($0.evidence)".contains("nobody-may-see") } == false)
                }
            }
            try server.fail(.none)
            #expect(
                try await stores.seal(of: backup, in: Self.name) { _ in } == seal,
                "nothing was removed meanwhile",
            )
            try server.fail(.keep)
            let kept = await #expect(throws: Failure.self) {
                try await stores.discard(backup, from: Self.name)
            }
            #expect(kept?.code == .unauthorized)
        }
    }

    /// What becomes of a copy, and when that is seen.
    private static func arrival(
        of backup: Backup,
        _ seal: DumpSeal,
        _ stores: RcloneStores,
    ) async throws -> String {
        do {
            try await stores.send(backup, to: name) { _ in }
        } catch let failure as Failure {
            return "sending: \(failure.code)"
        }
        do {
            let found = try await stores.seal(of: backup, in: name) { _ in }
            return found == seal ? "arrived" : "read back: another one"
        } catch let failure as Failure {
            return "read back: \(failure.code)"
        }
    }

    @Test("arrive although every second request fails: each is tried again")
    func flaky() async throws {
        try await with { bench, server, _ in
            let stores = RcloneStores(layout: bench.layout)
            let backup = try await bench.receive(Array("the dump".utf8))
            let seal = try #require(backup.content?.seal)
            try await bench.vault.publish(backup)
            try server.fail(.flaky)
            #expect(try await Self.arrival(of: backup, seal, stores) == "arrived")
            try await stores.publish(backup, to: Self.name)
            #expect(try await stores.contents(of: bench.environment, in: Self.name).backups == [backup])
        }
    }

    /// What is asked of a store.
    private enum Call: CaseIterable {
        case send, seal, contents, discard

        func make(_ stores: RcloneStores, _ backup: Backup) async throws {
            switch self {
            case .send: try await stores.send(backup, to: name) { _ in }
            case .seal: _ = try await stores.seal(of: backup, in: name) { _ in }
            case .contents: _ = try await stores.contents(of: backup.database.environment, in: name)
            case .discard: try await stores.discard(backup, from: name)
            }
        }
    }

    @Test("are left alone there when what they say of themselves can't be: it would become parts of paths")
    func forged() async throws {
        try await with { bench, server, stores in
            let backup = try await bench.receive(Array("the dump".utf8))
            try await bench.vault.publish(backup)
            let manifest = try #require(try FileContent.text(of: bench.place().manifest))
            let sum = try #require(backup.content?.seal.sha256.prefix(16))
            let forgeries = [
                (manifest.replacing("\"b1\"", with: "\"b1x\""), "b1x"),
                (manifest.replacing("\"b1\"", with: "\"..\""), "..."),
                (manifest.replacing("\"db\"", with: "\"../db\""), "b1"), ("{}", "b2"),
                (try String(decoding: BackupPlace.json(bench.backup(4)), as: UTF8.self), "b4"),
                (manifest.replacing("\"production\"", with: "\"staging\""), "b3"),
            ]
            for (text, name) in forgeries {
                #expect(text != manifest)
                let file = "\(bench.layout.root)/forgery"
                try DurableFile.write(text, to: file)
                let folder = "store:acme-backups/opshub/main/tracehub/production/\(name)-\(sum)"
                for end in ["manifest.json", "dump"] {
                    _ = try await server.rclone("copyto", file, "\(folder)/\(end)")
                }
            }
            let contents = try await stores.contents(of: bench.environment, in: Self.name)
            #expect(contents.backups.isEmpty && contents.oddities.count == forgeries.count, "\(contents)")
        }
    }

    @Test("are sent to a store only that was tried: it gives back what was written, and nothing stays there")
    func check() async throws {
        try await with { bench, server, stores in
            #expect(try await stores.check(try server.store()))
            #expect(try await server.rclone("lsf", "-R", "store:acme-backups").isEmpty)
            let names = try Folder.names(in: bench.layout.keys)
            #expect(names == ["stores"], "nothing is left here either")
            let noBucket = await #expect(throws: Failure.self) {
                try await stores.check(try server.store(bucket: "not-there"))
            }
            #expect(noBucket?.code == .notFound && noBucket?.message.contains("not-there") == true)
            try server.fail(.deny)
            let denied = await #expect(throws: Failure.self) { try await stores.check(try server.store()) }
            #expect(denied?.code == .unauthorized)
            try server.fail(.keep)
            #expect(try await stores.check(try server.store()) == false)
            let unknown = await #expect(throws: Failure.self) {
                try await stores.contents(of: bench.environment, in: StoreName("other"))
            }
            #expect(unknown?.code == .notFound && unknown?.hint == "opshub store add other")
        }
    }

    @Test("that come back otherwise leave nothing here, and one that is here is not replaced")
    func adopting() async throws {
        try await VaultBench.with { bench in
            let backup = try await bench.receive(Array("the dump".utf8))
            try await bench.vault.publish(backup)
            let bytes = try #require(try FileContent.bytes(of: bench.place().dump))
            let here = await #expect(throws: Failure.self) {
                try await bench.vault.adopt(backup) { try await $0(bytes) }
            }
            #expect(here?.code == .conflict)
            let read = try await bench.vault.borrow(backup) {
                try await $0(bytes)
            } body: { copy in
                let box = ByteCollector()
                let dump = try await copy { box.add($0) }
                #expect(dump.seal == backup.content?.seal)
                return box.bytes
            }
            #expect(read == Array("the dump".utf8))
            #expect(try Folder.names(in: bench.place().folder) == ["dump", "manifest.json"])
            try await bench.vault.discard(backup)
            for leftover in [nil, Array("rot".utf8)] as [[UInt8]?] {
                // A dump without a manifest is what a crash left; one that has changed is no use.
                if let leftover {
                    try await bench.vault.publish(backup)
                    try DurableFile.write(leftover, to: bench.place().dump)
                }
                try await bench.vault.adopt(backup) { try await $0(bytes) }
                #expect(try FileContent.bytes(of: bench.place().dump) == bytes)
            }
            try await bench.vault.discard(backup)
            let stranger = FileBackupVault(layout: bench.layout, key: RecoveryKey(), reserve: ByteCount(0))
            let locked = await #expect(throws: Failure.self) {
                try await stranger.adopt(backup) { try await $0(bytes) }
            }
            #expect(locked?.message.contains("was encrypted with recovery key \(bench.key.id)") == true)
            let unsigned = await #expect(throws: Failure.self) {
                try await bench.vault.adopt(try bench.unencrypted("PGDMP")) {
                    try await $0(Array("PGDMP".utf8))
                }
            }
            #expect(unsigned?.message.contains("nobody knows who has made it") == true)
            for wrong in [Array(bytes.dropLast()), bytes + [0], []] {
                let other = await #expect(throws: Failure.self) {
                    try await bench.vault.adopt(backup) { try await $0(wrong) }
                }
                #expect(other?.code == .backupFailed)
                await #expect(throws: Failure.self) {
                    try await bench.vault.borrow(backup) {
                        try await $0(wrong)
                    } body: { _ in
                    }
                }
            }
            #expect(try await bench.contents().backups.isEmpty)
            #expect(try Folder.names(in: bench.place().folder) == [])
        }
    }
}
