// SPDX-License-Identifier: Apache-2.0
import Core

/// What the keys of a mapping may be that the writer chooses.
struct MapKeyRule: Sendable {
    /// What JSON Schema says about a key; nil when it says nothing.
    var pattern: String?
    /// Why `key` can't be one, as the end of a sentence and a hint; nil when it can.
    var refusal: @Sendable (_ key: String) -> (message: String, hint: String)?

    /// Reports a key that can't be one, at its place.
    func check(_ key: String, of member: ManifestNode) {
        guard let refusal = refusal(key) else { return }
        member.log.report(
            member.path,
            at: member.keyPlace,
            "'\(key)' \(refusal.message)",
            hint: refusal.hint,
        )
    }
}

extension MapKeyRule {
    /// Names of things of a kind: `a service`.
    static func names(of kind: String) -> Self {
        Self(pattern: NameVerdict.pattern) { key in
            if NameRule.admits(key) { return nil }
            let better = NameVerdict.suggestion(for: key).map { "write \($0): names are" } ?? "expected"
            return ("can't name \(kind)", "\(better) \(NameRule.words)")
        }
    }

    /// Keys that are looked up elsewhere: names of services and accessories.
    static let references = Self(pattern: nil, refusal: { _ in nil })

    /// Top-level members of a JSON body.
    static let members = Self(pattern: nil, refusal: { _ in nil })

    /// Variables, except `PORT` and `OPSHUB_…`, which OpsHub gives.
    static let variables = Self(pattern: VariableRule.pattern, refusal: VariableRule.refusal)
}
