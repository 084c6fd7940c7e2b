// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// What a deployment of the kind `restore` puts in the place of a database.
public struct Restoration: Sendable, Hashable, Codable {
    /// Where the data come from.
    public enum Source: Sendable, Hashable, Codable {
        /// This backup.
        case backup(String)
        /// The database as it was before that restore, which has kept it.
        case kept(by: DeploymentID, as: String)
    }

    /// Names the copy and the database that is replaced: of the deployment, and never given again, not even when its name is.
    public internal(set) var order = ""

    /// Where the data come from.
    public var source: Source
    /// Whose database.
    public var accessory: AccessoryName
    /// As of when the data are: what was written later is not in them.
    public var asOf: Date
    /// SQL that runs on the data before anybody sees them; nil for none.
    public var masking: String?

    /// Describes a restoration.
    public init(source: Source, accessory: AccessoryName, asOf: Date, masking: String? = nil) {
        self.source = source
        self.accessory = accessory
        self.asOf = asOf
        self.masking = masking
    }
}

extension Restoration.Source: CustomStringConvertible {
    /// `backup b7`, `the database that d15 has kept`.
    public var description: String {
        switch self {
        case .backup(let id): "backup \(id)"
        case .kept(let deployment, _): "the database that \(deployment) has kept"
        }
    }
}
