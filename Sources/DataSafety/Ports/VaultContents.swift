// SPDX-License-Identifier: Apache-2.0

/// What lies in the vault for one environment.
public struct VaultContents: Hashable, Sendable {
    /// A folder that holds no complete backup.
    public struct Oddity: Hashable, Sendable {
        /// The folder's path.
        public var folder: String
        /// What is wrong with it, in one sentence.
        public var problem: String

        /// Describes a folder.
        public init(folder: String, problem: String) {
            self.folder = folder
            self.problem = problem
        }
    }

    /// Backups with a manifest and a dump, newest first.
    public var backups: [Backup]
    /// Everything else that lies there, by path.
    ///
    /// Never deleted by itself.
    public var oddities: [Oddity]

    /// Describes what was found.
    public init(backups: [Backup] = [], oddities: [Oddity] = []) {
        self.backups = backups
        self.oddities = oddities
    }
}
