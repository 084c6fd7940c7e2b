// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// Body of `POST …/deployments`.
public struct DeployOrder: Codable, Sendable, Hashable {
    /// A branch, tag or hash; the environment's own branch when absent.
    public var ref: String?
    /// The digest of the plan to run and no other, or its beginning, 8 characters at least; any when absent.
    public var plan: String?

    /// Describes an order.
    public init(ref: String? = nil, plan: String? = nil) {
        self.ref = ref
        self.plan = plan
    }
}

/// Body of `POST …/backups`.
public struct BackupOrder: Codable, Sendable, Hashable {
    /// The moment that a database shall be as of, instead of now; it must be in one of the windows (`GET …/windows`).
    public var asOf: Date?
    /// The accessory that is meant, where several could be.
    public var accessory: String?
    /// Whether what was made is proven at once by a restore; it is when absent.
    public var isProven: Bool?

    /// Describes an order.
    public init(asOf: Date? = nil, accessory: String? = nil, isProven: Bool? = nil) {
        self.asOf = asOf
        self.accessory = accessory
        self.isProven = isProven
    }
}

/// Body of `POST …/rollbacks`.
public struct RollbackOrder: Codable, Sendable, Hashable {
    /// The release to return to; the one before when absent.
    public var release: String?
    /// Whether it is tried with a schema that the release has never served with; not when absent.
    public var force: Bool?
    /// Whether migrations that were applied since are taken back with it; not when absent.
    public var withSchema: Bool?
    /// With that, the environment's name.
    public var confirm: String?

    /// Describes an order.
    public init(
        release: String? = nil,
        force: Bool? = nil,
        withSchema: Bool? = nil,
        confirm: String? = nil,
    ) {
        self.release = release
        self.force = force
        self.withSchema = withSchema
        self.confirm = confirm
    }
}

/// Body of `POST …/migrations/changes`.
public struct SchemaOrder: Codable, Sendable, Hashable {
    /// `up` or `down`.
    public var direction: String
    /// With `down`: the revisions that stay; `base` for none.
    public var to: [String]?
    /// Also what does not go back wholly; not when absent.
    public var force: Bool?
    /// The environment's name.
    public var confirm: String?

    /// Describes an order.
    public init(
        direction: String,
        to: [String]? = nil,
        force: Bool? = nil,
        confirm: String? = nil,
    ) {
        self.direction = direction
        self.to = to
        self.force = force
        self.confirm = confirm
    }
}

/// Body of `POST /api/v1/deployments/ID/approval` and `…/rejection`.
public struct ApprovalOrder: Codable, Sendable, Hashable {
    /// The plan that the person saw, or its beginning, 8 characters at least; an approval without it is refused.
    public var digest: String?
    /// What the person says about it.
    public var comment: String?

    /// Describes an answer.
    public init(digest: String? = nil, comment: String? = nil) {
        self.digest = digest
        self.comment = comment
    }
}

/// Body of `POST /api/v1/projects/NAME/pushes`: a branch that a push wants to move; its commits are there already.
public struct PushNotice: Codable, Sendable, Hashable {
    /// The branch's short name.
    public var branch: String
    /// Where it points; absent when the push makes it.
    public var old: String?
    /// Where it shall point; absent when the push removes it.
    public var new: String?

    /// Describes a push.
    public init(branch: String, old: String?, new: String?) {
        self.branch = branch
        self.old = old
        self.new = new
    }
}

/// Answer to a push.
public struct PushAnswer: Codable, Sendable, Hashable {
    /// Deployments that were started.
    public var started: [DeploymentView]
    /// One sentence for each environment where nothing was, or for a branch that no environment is mapped to.
    public var remarks: [String]

    /// Describes an answer.
    public init(started: [DeploymentView], remarks: [String]) {
        self.started = started
        self.remarks = remarks
    }
}
