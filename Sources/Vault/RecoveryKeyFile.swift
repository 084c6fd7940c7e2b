// SPDX-License-Identifier: Apache-2.0
public import Core
import HostSystem

/// The recovery key of a home: `keys/recovery.key`, 0600, and beside it in `keys/recovery.id` which one it is, so that a key
/// that was lost is told from one that never was.
public struct RecoveryKeyFile: Sendable {
    private let layout: HomeLayout

    /// The file of a home.
    public init(layout: HomeLayout) {
        self.layout = layout
    }

    /// Where the key is.
    public var path: String { layout.recoveryKey }
    private var idPath: String { "\(layout.keys)/recovery.id" }
    private var exportPath: String { "\(layout.keys)/recovery.exported" }

    /// The key; made, durably, when there never was one.
    ///
    /// - Parameter used: Names of the keys that the home's backups were made with, as far as its catalogue knows.
    /// - Returns: The key.
    /// - Throws: `damaged-state` when there was one and it is gone, or it is another one now: with a new key in its place
    ///   every backup would be unreadable without a word.
    public func keep(usedBy used: Set<String> = []) throws -> RecoveryKey {
        let noted = try FileContent.text(of: idPath)?.filter { !$0.isWhitespace }
        let isGivenUp = noted == Self.givenUp
        let known = isGivenUp ? nil : noted ?? used.sorted().first
        guard let text = try FileContent.text(of: path) else {
            guard let known else { return try make() }
            throw Failure(
                .damagedState,
                "the recovery key \(known) is gone: there is no \(path), and no backup can be read without it",
                hint: "put there what 'opshub backup export-key' printed; \(wayOut)",
            )
        }
        let key = try RecoveryKey(Secret(text))
        guard known == nil || known == key.id || (noted == nil && used.contains(key.id)) else {
            throw Failure(
                .damagedState,
                "\(path) holds recovery key \(key.id), and this home's backups were made with \(known ?? "another")",
                hint: "put the right key there; \(wayOut)",
            )
        }
        if noted != key.id { try DurableFile.write(key.id + "\n", to: idPath, mode: 0o600) }
        return key
    }

    /// What somebody writes into the file with the key's name to begin anew.
    private static let givenUp = "new"

    private var wayOut: String {
        "or, to give up the backups that were made until now, write '\(Self.givenUp)' into \(idPath)"
    }

    /// Whether anybody has ever asked for this key: until then it is lost with this machine.
    public func isExported(_ key: RecoveryKey) throws -> Bool {
        try FileContent.text(of: exportPath)?.filter { !$0.isWhitespace } == key.id
    }

    /// Notes that somebody has it.
    public func noteExport(of key: RecoveryKey) throws {
        try DurableFile.write(key.id + "\n", to: exportPath, mode: 0o600)
    }

    /// The key first: a name without a key would keep everything from starting.
    private func make() throws -> RecoveryKey {
        let key = RecoveryKey()
        try DurableFile.write(key.text.revealed() + "\n", to: path, mode: 0o600)
        try DurableFile.write(key.id + "\n", to: idPath, mode: 0o600)
        return key
    }
}
