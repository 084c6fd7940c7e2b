// SPDX-License-Identifier: Apache-2.0

/// What a ``ProjectName`` names.
public enum ProjectSubject {}

/// What an ``EnvironmentName`` names.
public enum EnvironmentSubject {}

/// What a ``ServiceName`` names.
public enum ServiceSubject {}

/// What an ``AccessoryName`` names.
public enum AccessorySubject {}

/// What a ``StoreName`` names.
public enum StoreSubject {}

/// What a ``CommitID`` names.
public enum CommitSubject {}

/// One application: a Git repository and its environments.
public typealias ProjectName = Identifier<ProjectSubject>

/// `production`, `staging`, or any named target of a project.
public typealias EnvironmentName = Identifier<EnvironmentSubject>

/// One long-running program of a project.
public typealias ServiceName = Identifier<ServiceSubject>

/// One stateful companion that is not redeployed with the code.
public typealias AccessoryName = Identifier<AccessorySubject>

/// A place elsewhere that copies of backups go to.
public typealias StoreName = Identifier<StoreSubject>

/// A Git commit, as 40 or 64 lowercase hexadecimal digits.
public typealias CommitID = Identifier<CommitSubject>

extension Identifier where Subject == CommitSubject {
    /// The first seven digits, as Git abbreviates.
    public var short: String { String(rawValue.prefix(7)) }
}
