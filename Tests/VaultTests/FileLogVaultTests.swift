// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import HostSystem
import TestSupport
import Testing

@testable import Vault

@Suite("Write-ahead logs on the disk")
struct FileLogVaultTests {
    private static let text = Array("a row that nobody may read ".utf8)
    private static let segment = LogSegment(stream: "s", timeline: 1, number: 7)
    private static let whole: [UInt8] = (0..<Int(LogSegment.size.bytes)).map { text[$0 % text.count] }

    private static func with(
        reserve: ByteCount = ByteCount(0),
        _ body: (VaultBench, FileLogVault, DatabaseTarget) async throws -> Void,
    ) async throws {
        try await VaultBench.with { bench in
            let vault = FileLogVault(layout: bench.layout, key: bench.key, reserve: reserve)
            try await body(bench, vault, .cluster(of: bench.backup().database))
        }
    }

    private static func path(_ segment: LogSegment, _ bench: VaultBench) -> String {
        "\(bench.layout.logArchives(of: bench.environment))/db/\(segment.stream)/\(segment.name)"
    }

    @Test("are encrypted, whole, and what was received")
    func kept() async throws {
        try await Self.with { bench, vault, cluster in
            #expect(try await vault.segments(of: cluster).isEmpty)
            try await vault.receive(Self.segment, of: cluster) { try await $0(Self.whole) }
            #expect(try await vault.segments(of: cluster) == [Self.segment])
            let bytes = try #require(try FileContent.bytes(of: Self.path(Self.segment, bench)))
            #expect(
                bytes.count < 1 << 20 && !String(decoding: bytes, as: UTF8.self).contains("nobody may read")
            )
            let box = ByteCollector()
            #expect(try await vault.read(Self.segment, of: cluster) { box.add($0) })
            #expect(box.bytes == Self.whole)
            let other = LogSegment(stream: "s", timeline: 1, number: 8)
            #expect(try await !vault.read(other, of: cluster) { _ in })
            try await vault.discard([Self.segment, other], of: cluster)
            #expect(try await vault.segments(of: cluster).isEmpty)
        }
    }

    @Test(
        "are none when less came than a segment has, when whoever writes gives up, or when the disk is full"
    )
    func refused() async throws {
        try await Self.with { _, vault, cluster in
            let part = await #expect(throws: Failure.self) {
                try await vault.receive(Self.segment, of: cluster) { try await $0(Self.text) }
            }
            #expect(part?.code == .backupFailed)
            await #expect(throws: CancellationError.self) {
                try await vault.receive(Self.segment, of: cluster) { sink in
                    try await sink(Self.text)
                    throw CancellationError()
                }
            }
            let left = try await vault.segments(of: cluster)
            #expect(left.isEmpty)
        }
        try await Self.with(reserve: .mebibytes(1 << 40)) { _, vault, cluster in
            let full = await #expect(throws: Failure.self) {
                try await vault.receive(Self.segment, of: cluster) { try await $0(Self.whole) }
            }
            #expect(full?.code == .diskFull)
        }
    }

    @Test("do not open in another one's place, changed, cut, with another key, or as another server's")
    func foreign() async throws {
        try await Self.with { bench, vault, cluster in
            try await vault.receive(Self.segment, of: cluster) { try await $0(Self.whole) }
            let path = Self.path(Self.segment, bench)
            let bytes = try #require(try FileContent.bytes(of: path))
            func expectRefusal(
                _ segment: LogSegment,
                _ vault: FileLogVault,
                _ code: Failure.Code = .backupFailed,
            ) async {
                let failure = await #expect(throws: Failure.self) {
                    try await vault.read(segment, of: cluster) { _ in }
                }
                #expect(failure?.code == code)
            }
            let next = LogSegment(stream: "s", timeline: 1, number: 8)
            try DurableFile.write(bytes, to: Self.path(next, bench))
            await expectRefusal(next, vault)
            try Folder.make("\(bench.layout.logArchives(of: bench.environment))/db/t")
            let elsewhere = LogSegment(stream: "t", timeline: 1, number: 7)
            try DurableFile.write(bytes, to: Self.path(elsewhere, bench))
            await expectRefusal(elsewhere, vault)
            var changed = bytes
            changed[bytes.count / 2] ^= 1
            for damaged in [changed, Array(bytes.dropLast()), Array(bytes.prefix(53)), Self.whole] {
                try DurableFile.write(damaged, to: path)
                await expectRefusal(Self.segment, vault)
            }
            try DurableFile.write(bytes, to: path)
            let stranger = FileLogVault(layout: bench.layout, key: RecoveryKey())
            await expectRefusal(Self.segment, stranger, .conflict)
        }
    }

    @Test("have a record of how far they reach, which is refused when it can't be read")
    func record() async throws {
        try await Self.with { bench, vault, cluster in
            #expect(try await vault.record(of: cluster) == nil)
            let mark = LogMark(
                at: bench.date,
                position: LogPosition(bytes: 0x1600_0000_28),
                system: "7412",
                timeline: 1,
                stream: "s",
            )
            let record = LogRecord(marks: [mark])
            try await vault.save(record, of: cluster)
            #expect(try await vault.record(of: cluster) == record)
            let path = "\(bench.layout.logArchives(of: bench.environment))/db/archive.json"
            #expect(try FileContent.text(of: path)?.contains("\"16/28\"") == true)
            try DurableFile.write("{}", to: path)
            let failure = await #expect(throws: Failure.self) { try await vault.record(of: cluster) }
            #expect(failure?.code == .damagedState && failure?.hint?.contains("move it away") == true)
        }
    }
}
