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
    /// Throws `damaged-state` when there was one and it is gone, or it is another one now.
    public func keep() throws -> RecoveryKey {
        let known = try FileContent.text(of: idPath)?.filter { !$0.isWhitespace }
        guard let text = try FileContent.text(of: path) else {
            guard let known else { return try make() }
            throw Failure(
                .damagedState,
                "the recovery key \(known) is gone: there is no \(path), and no backup can be read without it",
                hint:
                    "put there what 'opshub backup export-key' printed; or, to begin with a new key and give up the "
                    + "backups that were made until now, remove \(idPath)",
            )
        }
        let key = try RecoveryKey(Secret(text))
        guard let known else {
            try DurableFile.write(key.id + "\n", to: idPath, mode: 0o600)
            return key
        }
        guard known == key.id else {
            throw Failure(
                .damagedState,
                "\(path) holds recovery key \(key.id), and this home's backups were made with \(known)",
                hint:
                    "put the right key there; or, to go on with this one and give up the backups that were made until "
                    + "now, remove \(idPath)",
            )
        }
        return key
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
