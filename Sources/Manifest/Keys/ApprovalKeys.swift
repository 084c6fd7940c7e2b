// SPDX-License-Identifier: Apache-2.0

/// The keys of `approval:`.
enum ApprovalKeys {
    private static let standard = ApprovalManifest()

    /// The key `required:`.
    static let required = ManifestKey(
        "required",
        .truth,
        "Whether a deployment waits for a yes. True for the environment `production`, false for others.",
    )
    /// The key `by:`.
    static let by = ManifestKey(
        "by",
        .oneOrMore(
            .oneOf(["OWNER", "MAINTAINER", "DEVELOPER"]),
            expected: "a role or a list of roles, such as [OWNER]",
        ),
        "Roles whose yes counts; see opshub people. OWNER and MAINTAINER when it is not said.",
    )
    /// The key `count:`.
    static let count = StandardKey(
        "count",
        .integer(in: 1...20),
        "How many people must say yes.",
        standard: standard.count,
    )
    /// The key `own:`.
    static let own = StandardKey(
        "own",
        .truth,
        "Whether whoever asked for the deployment may say yes to it too.",
        standard: standard.own,
    )
    /// The key `expires:`.
    static let expires = StandardKey(
        "expires",
        .duration,
        "How long an unanswered request stays open.",
        standard: standard.expires,
    )

    /// All of them.
    static let table = KeyTable(
        expected: "true, false, or keys with values such as { required: true, by: [OWNER] }",
        keys: [
            required.description, by.description, count.description, own.description, expires.description,
        ],
        synonyms: ["roles": "by", "timeout": "expires", "approvers": "by", "from": "by"],
    )

    /// An approval policy, or just whether one is required.
    static func shape(isProduction: Bool) -> ValueShape<ApprovalManifest> {
        .either(
            ValueShape<Bool>.truth.map { ApprovalManifest(required: $0) },
            or: .mapping(table) { fields in
                let roles = fields.value(by) ?? standard.by
                if roles.isEmpty { reportNobody(fields.node.path.key(by.name), fields.node.log) }
                return ApprovalManifest(
                    required: fields.value(required) ?? isProduction,
                    by: roles,
                    count: fields.value(count),
                    own: fields.value(own),
                    expires: fields.value(expires),
                )
            },
        )
    }

    private static func reportNobody(_ path: ManifestPath, _ log: ReadingLog) {
        guard !log.isBroken(path) else { return }
        log.report(
            log.keyPlace(of: path),
            "\(path) is empty: nobody could approve",
            hint: "name a role, or remove 'by'",
        )
    }
}
