// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import HostSystem
import Testing

@testable import FolderTools

@Suite("A folder among the accessories", .serialized, .timeLimit(.minutes(10)))
struct FolderAccessoriesTests {
    @Test("is made once, for the services of its environment alone, and never made again")
    func ensure() async throws {
        try await FolderBench.with { bench in
            let wanted = bench.specification()
            #expect(try await bench.accessories.address(of: wanted) == nil)
            let made = try await bench.accessories.ensure(wanted)
            #expect(made == .folder(bench.place().files))
            #expect(made.port == nil)
            try await bench.run("echo 1 >kept; stat -c '%a %U' . >state", in: bench.place().files)
            #expect(try await bench.accessories.ensure(wanted) == made)
            #expect(try await bench.accessories.address(of: wanted) == made)
            #expect(try bench.names(bench.place().files) == ["kept", "state"])
            guard SystemUser.current.isRoot else { return }
            let state = try FileContent.text(of: "\(bench.place().files)/state")
            #expect(state == "700 \(AccountName(bench.environment, .services))\n")
            for purpose in [AccountName.Purpose.builds, .data, .drills] {
                await #expect(throws: Failure.self, "\(purpose)") {
                    try await bench.run("cat \(bench.place().files)/kept", in: "/", as: purpose)
                }
            }
        }
    }

    @Test("that somebody has removed is not made anew without a word")
    func gone() async throws {
        try await FolderBench.with { bench in
            try await bench.make()
            try Folder.remove(bench.place().files)
            let failure = await #expect(throws: Failure.self) {
                try await bench.accessories.ensure(bench.specification())
            }
            #expect(failure?.code == .damagedState)
            #expect(failure?.hint?.contains("opshub backup list -e test") == true)
            let dump = await #expect(throws: Failure.self) { try await bench.create() }
            #expect(dump?.message.contains("is gone") == true)
        }
    }

    @Test("takes no place in which a database server lies")
    func database() async throws {
        try await FolderBench.with { bench in
            try Folder.make(bench.place().path)
            try DurableFile.write("{}", to: "\(bench.place().path)/accessory.json")
            let failure = await #expect(throws: Failure.self) {
                try await bench.accessories.ensure(bench.specification())
            }
            #expect(failure?.code == .conflict)
            #expect(!Folder.exists(bench.place().files))
        }
    }

    @Test("is packed by GNU tar, whose version is told")
    func version() async throws {
        try await FolderBench.with { bench in
            let version = try await bench.accessories.version(of: bench.specification().manifest)
            #expect(version.hasPrefix("tar 1."))
        }
    }
}
