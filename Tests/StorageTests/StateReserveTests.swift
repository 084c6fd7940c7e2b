// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import Delivery
import FoundationEssentials
import Glibc
import Testing

@testable import Storage

/// The disk is full, and what happened must be written down.
@Suite("The state database on a full disk")
struct StateReserveTests {
    @Test(
        "takes a change with the room that was kept for it, and then says that there is none",
        .enabled(if: geteuid() == 0),
    )
    func full() async throws {
        try await Scratch.use { scratch in
            let folder = (scratch.database.split(separator: "/").dropLast()).joined(separator: "/")
            try #require(unsafe mount("none", "/\(folder)", "tmpfs", 0, "size=160m") == 0)
            defer { unsafe umount2("/\(folder)", Int32(MNT_DETACH)) }
            let database = try StateDatabase(path: scratch.database)
            let ledger = SQLiteDeliveryLedger(database)
            let lease = try await ledger.claim(Sample.production)
            let reserve = "\(scratch.database)-reserve"
            #expect(FileManager.default.fileExists(atPath: reserve))
            var number = 0
            for size in [1 << 20, 1 << 12] {
                // Ends with the room on the disk.
                while (try? scratch.write([UInt8](repeating: 1, count: size), to: "big\(number)")) != nil {
                    number += 1
                }
            }
            let deployment = Sample.deployment(1)
            try await ledger.commit(DeliveryChange(deployment: deployment, at: .now), lease: lease)
            #expect(!FileManager.default.fileExists(atPath: reserve))
            let known = try await SQLiteDeliveryRecords(database).deployment(deployment.id)
            #expect(known?.id == deployment.id)
        }
    }
}
