// SPDX-License-Identifier: Apache-2.0
public import Manifest

/// What applying one planned migration means for those who use the database, and for the way back.
public struct MigrationVerdict: Sendable, Hashable, Codable {
    /// What can go wrong.
    public typealias Hazard = MigrationHazard

    /// One thing that was found.
    public struct Finding: Sendable, Hashable, Codable {
        /// What can go wrong.
        public var hazard: Hazard
        /// What does it, to what, and how large that is.
        public var sentence: String
        /// A safer form; nil when there is none to name.
        public var advice: String?

        /// Describes a finding.
        public init(_ hazard: Hazard, _ sentence: String, advice: String? = nil) {
            self.hazard = hazard
            self.sentence = sentence
            self.advice = advice
        }
    }

    /// Of which migration.
    public var revision: String
    /// Everything that was found, the worst first; empty when it is safe.
    public var findings: [Finding]
    /// What speaks for it; nil when nobody knows anything.
    public var remark: String?

    /// Describes a verdict.
    public init(revision: String, findings: [Finding], remark: String? = nil) {
        self.revision = revision
        self.findings = findings
        self.remark = remark
    }

    /// `safe`, or each hazard once, the worst first.
    public var inWords: String {
        let hazards = Hazard.allCases.filter { hazard in findings.contains { $0.hazard == hazard } }
        return hazards.isEmpty ? "safe" : hazards.map(\.inWords).joined(separator: ", ")
    }

    /// The same for who has nothing that serves yet.
    func withoutOutgoing() -> MigrationVerdict {
        MigrationVerdict(
            revision: revision,
            findings: findings.filter { !$0.hazard.concernsRelease },
        )
    }
}

extension [MigrationVerdict] {
    /// That nothing is known of these migrations, and why; where they are to be verified, that speaks against them.
    static func unknown(
        _ migrations: [PendingMigration],
        because reason: String,
        verifying: Bool = false,
    ) -> [MigrationVerdict] {
        let proof: [MigrationVerdict.Finding] =
            verifying ? [.init(.failsVerification, "it could not be verified: \(reason)")] : []
        return migrations.map {
            MigrationVerdict(revision: $0.revision, findings: proof + [.init(.unknown, reason)])
        }
    }

    /// Which of these an environment does not let through, one sentence each.
    ///
    /// - Parameters:
    ///   - environment: Where.
    ///   - closed: Whether nobody is served while they run.
    /// - Returns: None when all of them may run.
    func refusals(in environment: EnvironmentManifest, closed: Bool = false) -> [String] {
        let refused = environment.refusedHazards(whenClosed: closed)
        return compactMap { verdict in
            let finding = verdict.findings.first { refused.contains($0.hazard) }
            return finding.map { "migration \(verdict.revision) \($0.hazard.inWords): \($0.sentence)" }
        }
    }
}
