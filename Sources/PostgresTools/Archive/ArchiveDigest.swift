// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// Reads an archive while others use its bytes.
actor ArchiveDigest {
    private var reader = ArchiveReader()

    /// Takes the next bytes.
    func read(_ bytes: [UInt8]) throws(Failure) { try reader.read(bytes) }

    /// What was in them.
    func finish() throws(Failure) -> ArchiveContents { try reader.finish() }

    /// What `pg_dump` writes of a database.
    ///
    /// - Parameters:
    ///   - program: The call; it names the format, and no compression.
    ///   - doing: What for, in a failure.
    ///   - code: What a program that fails means.
    ///   - sink: Gets the bytes too.
    /// - Returns: What was in them.
    /// - Throws: `code` when the program fails, `backup-failed` when it writes something else.
    static func contents(
        of program: Program,
        doing: String,
        or code: Failure.Code = .backupFailed,
        into sink: @escaping DumpSink = { _ in },
    ) async throws -> ArchiveContents {
        let digest = ArchiveDigest()
        let result = try await StreamedProgram(program: program)
            .stream { bytes in
                // At the same time: each takes about as long as the other.
                async let isRead: Void = digest.read(bytes)
                try await sink(bytes)
                try await isRead
            }
        _ = try result.checked(code, doing: doing)
        return try await digest.finish()
    }
}
