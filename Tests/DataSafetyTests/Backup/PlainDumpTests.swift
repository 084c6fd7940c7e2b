// SPDX-License-Identifier: Apache-2.0
import Core
import Foundation
import Testing

@testable import DataSafety

@Suite("A dump before it was compressed")
struct PlainDumpTests {
    @Test("is read as earlier versions wrote it, with its hash, and as it is written now, without")
    func coding() throws {
        // What earlier versions kept of it.
        let earlier = DumpSeal(size: ByteCount(13), sha256: String(repeating: "ab", count: 32))
        let read = try JSONDecoder().decode(PlainDump.self, from: try JSONEncoder().encode(earlier))
        #expect(read == PlainDump(size: ByteCount(13), sha256: earlier.sha256))
        let now = PlainDump(size: ByteCount(13))
        #expect(try JSONDecoder().decode(PlainDump.self, from: try JSONEncoder().encode(now)) == now)
    }

    @Test("is what was read when nothing that both know says otherwise")
    func reading() {
        let (size, sum, other) = (
            ByteCount(13), String(repeating: "ab", count: 32), String(repeating: "cd", count: 32),
        )
        let (hashed, unhashed) = (PlainDump(size: size, sha256: sum), PlainDump(size: size))
        #expect(hashed.isRead(as: hashed) && unhashed.isRead(as: unhashed))
        #expect(hashed.isRead(as: unhashed) && unhashed.isRead(as: hashed))
        #expect(!hashed.isRead(as: PlainDump(size: size, sha256: other)))
        #expect(!unhashed.isRead(as: PlainDump(size: ByteCount(12))))
        #expect(!unhashed.isRead(as: nil))
    }
}
