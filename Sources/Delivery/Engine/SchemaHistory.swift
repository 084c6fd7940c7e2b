// SPDX-License-Identifier: Apache-2.0
import Manifest
import FoundationEssentials

/// What happened to the schema since a release served.
struct SchemaHistory {
    /// Deployments that have applied something since which is still there, oldest first.
    let appliers: [Deployment]
    /// Of those: the first ones that the release never served with.
    let unproven: [Deployment]
    /// The newest that has taken away something that the release served with, by a restore or by taking a migration back; nil when
    /// none has.
    let lostBy: Deployment?

    /// Reads it off an environment's deployments, newest first.
    init(_ history: [Deployment], since release: ReleaseID) {
        let done = history.filter { $0.restoration != nil && $0.phase.verdict?.outcome == .succeeded }
        let takenBack = Set(
            done.compactMap { restore in
                if case .kept(let by, _)? = restore.restoration?.source { by } else { nil }
            }
        )
        let restores = done.filter { !takenBack.contains($0.id) }
        let later = history.prefix { deployment in
            deployment.release != release || deployment.phase.verdict?.outcome != .succeeded
                || deployment.kind.keepsRelease
        }
        appliers = history.prefix(later.count).indices
            .compactMap { index in
                var deployment = history[index]
                // What a later one has taken back is not there.
                deployment.applied.removeAll { history[..<index].takesBack($0, but: restores) }
                guard !deployment.applied.isEmpty, deployment.restore(among: restores) == nil else {
                    return nil
                }
                return deployment
            }
            .reversed()
        // Migrations run before the switch: whoever was outgoing then has served with them, unless its queries failed or nobody was
        // served.
        unproven = appliers.filter {
            $0.outgoing?.release != release || $0.brokeQueries != nil || $0.closes
        }
        let earlier = history.dropFirst(later.count)
        let known = earlier + later.filter { $0.outgoing?.release == release }
        let restored = known.lazy.filter { !$0.applied.isEmpty }.compactMap { $0.restore(among: restores) }
            .first
        let served = known.flatMap(\.applied)
        let reverted = history.indices
            .first { index in
                history[index].reverted?
                    .contains { migration in
                        served.contains { $0.revision == migration.revision }
                            && history[index].restore(among: restores) == nil
                            && !history[..<index]
                                .contains { $0.applied.contains { $0.revision == migration.revision } }
                    } == true
            }
        lostBy = restored ?? reverted.map { history[$0] }
    }

    /// Oldest first.
    var migrations: [PendingMigration] { appliers.flatMap(\.applied) }

    /// What it means for the release; empty when the schema is as it was.
    func sentences(about release: ReleaseID) -> [String] {
        var sentences: [String] = []
        if let lostBy {
            let done =
                lostBy.restoration.map { "put \($0.source) in the database's place, without migrations" }
                ?? "taken back \(lostBy.reverted?.map(\.revision).joined(separator: ", ") ?? ""), migrations"
            sentences.append("\(lostBy.id) has \(done) that \(release) has served with")
        }
        guard !appliers.isEmpty else { return sentences }
        let names = migrations.map(\.revision).joined(separator: ", ")
        let which = migrations.count == 1 ? "migration \(names) was" : "migrations \(names) were"
        if let broken = unproven.lazy.compactMap(\.brokeQueries).first {
            sentences.append("\(which) applied since, and \(broken)")
        } else if let first = unproven.first {
            sentences.append(
                "\(which) applied since, by \(first.id) first, and \(release) has never served with that schema"
            )
        } else {
            let doubts = appliers.compactMap(\.mayHaveBroken)
            let doubt = doubts.isEmpty ? "" : "; but \(doubts.joined(separator: "; "))"
            sentences.append(
                "\(which) applied since, while \(release) still had the traffic: it has served with that schema\(doubt)"
            )
        }
        return sentences
    }
}

extension ArraySlice<Deployment> {
    /// Whether one of them has taken a migration back, and no restore has brought back what was there before.
    fileprivate func takesBack(_ migration: PendingMigration, but restores: [Deployment]) -> Bool {
        contains { deployment in
            deployment.reverted?.contains { $0.revision == migration.revision } == true
                && deployment.restore(among: restores) == nil
        }
    }
}

extension Deployment {
    /// What its migrations broke of the release that served then, as their rehearsal showed; nil for nothing that is known.
    fileprivate var brokeQueries: String? { sentence(.breaksQueries) }

    /// What they broke of it as it seems, or may have: who has let that through knows better than a word in a file, but must be
    /// told; nil for nothing.
    ///
    /// That it went on serving does not speak against it: what is used once a day was not used meanwhile.
    fileprivate var mayHaveBroken: String? { sentence(.breaksCode) ?? sentence(.breaksRelease) }

    private func sentence(_ hazard: MigrationHazard) -> String? {
        let applied = Set(applied.map(\.revision))
        return plan?.verdicts?.lazy.filter { applied.contains($0.revision) }
            .compactMap { $0.findings.first { $0.hazard == hazard }?.sentence }.first
    }

    /// The restore that has taken away what this one applied: of data from before it, and begun after it.
    fileprivate func restore(among restores: [Deployment]) -> Deployment? {
        guard let begunAt else { return nil }
        return restores.first { restore in
            guard let restoration = restore.restoration, let moment = restore.begunAt else { return false }
            // A deployment's own backup is made after it has begun, and before it migrates.
            let isOwn = backups.contains { restoration.source == .backup($0.id) }
            return (isOwn || restoration.asOf <= begunAt) && begunAt < moment
        }
    }
}
