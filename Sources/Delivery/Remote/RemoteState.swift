// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// What is known of the remote that a project follows, since the control plane was started.
public struct RemoteState: Sendable, Hashable {
    /// A branch of the remote that was not taken over.
    public struct Held: Sendable, Hashable {
        /// Where it is here, and stays.
        public var here: CommitID
        /// Where it is there; nil when it is gone.
        public var there: CommitID?

        /// Describes a branch.
        public init(here: CommitID, there: CommitID?) {
            self.here = here
            self.there = there
        }
    }

    /// When a look last ended.
    public var askedAt: Date?
    /// When the remote last answered.
    public var answeredAt: Date?
    /// Why the last look failed.
    public var failure: Failure?
    /// How many looks in a row have failed.
    public var failures = 0
    /// Branches that an environment is mapped to and whose history was rewritten or removed there, by name.
    public var held: [String: Held] = [:]

    /// Nothing is known yet.
    public init() {}
}

/// Where an environment should be: the newest commit of the branch that it is mapped to.
public struct Desired: Sendable, Hashable {
    /// The branch.
    public var branch: String
    /// Its newest commit.
    public var commit: Commit

    /// Describes where an environment should be.
    public init(branch: String, commit: Commit) {
        self.branch = branch
        self.commit = commit
    }
}
