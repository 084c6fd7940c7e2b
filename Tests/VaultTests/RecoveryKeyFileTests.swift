// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem
import Testing

@testable import Vault

@Suite("A home's recovery key")
struct RecoveryKeyFileTests {
    @Test("is made once, for its owner alone, and kept")
    func kept() async throws {
        try await VaultBench.with { bench in
            try Folder.make(bench.layout.keys, mode: 0o700)
            let file = RecoveryKeyFile(layout: bench.layout)
            let key = try file.keep()
            #expect(try file.keep().id == key.id)
            let mode = try await ProgramRunner().run(Program("stat", ["-c", "%a", file.path]))
            #expect(mode.output == "600\n")
            #expect(try !file.isExported(key))
            try file.noteExport(of: key)
            #expect(try file.isExported(key))
            #expect(try !file.isExported(RecoveryKey()))
        }
    }

    @Test("that is gone or another one is told, and a new one is never made in its place")
    func gone() async throws {
        try await VaultBench.with { bench in
            try Folder.make(bench.layout.keys, mode: 0o700)
            let file = RecoveryKeyFile(layout: bench.layout)
            let key = try file.keep()
            try Folder.remove(file.path)
            let gone = #expect(throws: Failure.self) { try file.keep() }
            #expect(
                gone?.code == .damagedState
                    && gone?.message.hasPrefix("the recovery key \(key.id) is gone") == true
            )
            #expect(try FileContent.text(of: file.path) == nil)

            let other = RecoveryKey()
            try DurableFile.write(other.text.revealed(), to: file.path)
            let wrong = #expect(throws: Failure.self) { try file.keep() }
            #expect(wrong?.message.contains("holds recovery key \(other.id)") == true)
            try DurableFile.write("new\n", to: "\(bench.layout.keys)/recovery.id")
            #expect(try file.keep().id == other.id)
        }
    }

    @Test("that is gone with its whole folder is missed by the backups, until somebody gives them up")
    func folderGone() async throws {
        try await VaultBench.with { bench in
            try Folder.make(bench.layout.keys, mode: 0o700)
            let file = RecoveryKeyFile(layout: bench.layout)
            let key = try file.keep()
            #expect(try file.keep(usedBy: [key.id]).id == key.id)
            try Folder.remove(bench.layout.keys)
            try Folder.make(bench.layout.keys, mode: 0o700)
            let gone = #expect(throws: Failure.self) { try file.keep(usedBy: [key.id]) }
            #expect(gone?.message.hasPrefix("the recovery key \(key.id) is gone") == true)
            #expect(try Folder.names(in: bench.layout.keys).isEmpty)
            // The key alone, as it was exported, is enough.
            try DurableFile.write(key.text.revealed(), to: file.path)
            #expect(try file.keep(usedBy: [key.id, "an older one"]).id == key.id)

            try Folder.remove(file.path)
            try DurableFile.write("new", to: "\(bench.layout.keys)/recovery.id")
            let other = try file.keep(usedBy: [key.id])
            #expect(other.id != key.id)
            #expect(try file.keep(usedBy: [key.id, other.id]).id == other.id)
        }
    }
}
