// SPDX-License-Identifier: Apache-2.0

/// The keys of `canary:`.
enum CanaryKeys {
    private static let standard = CanaryManifest()

    /// The key `steps:`.
    static let steps = ManifestKey(
        "steps",
        .list(of: .share, expected: "growing percentages, such as [5%, 25%, 50%, 100%]"),
        "Shares of new requests that the new release gets one after another, each watched for `stability.window`; [5%, 25%, 50%, 100%] when not said.",
    )
    /// The key `sticky:`.
    static let sticky = StandardKey(
        "sticky",
        .truth,
        "Whether a client stays with the release that answered it first, by a cookie, while two share the traffic.",
        standard: standard.sticky,
    )

    /// All of them.
    static let table = KeyTable(
        expected: "keys with values, such as { steps: [5%, 50%, 100%] }",
        keys: [steps.description, sticky.description],
        synonyms: ["weights": "steps", "percentages": "steps", "cookie": "sticky"],
    )

    /// A canary.
    static let shape = ValueShape<CanaryManifest>
        .mapping(table) { fields in
            let percentages = fields.value(steps)?.map { $0 * 100 }
            let whole = percentages?.map { Int($0.rounded()) }
            if let percentages, let whole,
                zip(percentages, whole).contains(where: { abs($0 - Double($1)) > 0.001 })
            {
                let (path, log) = (fields.node.path.key(steps.name), fields.node.log)
                let hint = "such as [5%, 25%, 50%, 100%]"
                log.report(
                    log.place(of: path),
                    "\(path) has a share that is no whole percentage",
                    hint: hint,
                )
            }
            return CanaryManifest(steps: whole ?? standard.steps, sticky: fields.value(sticky))
        }
}
