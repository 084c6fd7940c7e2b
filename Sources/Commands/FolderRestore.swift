// SPDX-License-Identifier: Apache-2.0
public import Core

/// What `opshub backup restore --from` is asked to do.
public struct FolderRestore: Sendable, Hashable {
    /// Where a restored dump goes.
    public enum Target: Sendable, Hashable {
        /// An empty database, by URL.
        case database(Secret)
        /// A file of what was dumped; called after the backup when nil.
        case file(String?)
    }

    /// The backup's folder.
    public var folder: String
    /// The recovery key's text.
    public var key: Secret
    /// Where to.
    public var target: Target
}
