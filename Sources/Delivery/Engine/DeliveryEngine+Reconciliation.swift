// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

extension DeliveryEngine {
    /// Deploys what was pushed and never heard of: after a control plane died between taking a push and writing down the
    /// deployment, or could not write it down, the branch is ahead of everything that was ever tried.
    ///
    /// A commit that was tried once is left alone, whatever became of it, so that a rollback stays.
    func keepUpWithHeads() async {
        var looked = Looked()
        while !Task.isCancelled {
            var pause = settings.headInterval
            do {
                looked = try await reconcileHeads(looked)
            } catch is CancellationError {
                return
            } catch {
                report(.everywhere, Failure.wrapping(error, doing: "looking for missed pushes"))
                pause = min(pause, .seconds(2))
            }
            // Throws only when cancelled.
            guard (try? await ports.time.sleep(for: pause)) != nil else { return }
        }
    }

    /// What one look at all heads found out.
    private struct Looked {
        /// Heads that leave nothing to do, so that the next look passes over them.
        var settled: Set<Head> = []
        /// Heads that were new then, and may be on their way here: deployed when the next look finds them so.
        ///
        /// Nil before the first look, when nothing can be on its way.
        var fresh: Set<Head>?
    }

    private struct Head: Hashable {
        let project: ProjectName
        let branch: String
        let commit: CommitID
    }

    /// - Returns: What the next look needs to know.
    /// - Throws: What the repositories or the ledger throw; what was ordered by then stays.
    private func reconcileHeads(_ last: Looked) async throws -> Looked {
        var now = Looked(fresh: [])
        for project in try await ports.sources.projects() {
            let heads = try await ports.sources.heads(of: project)
            forgetMoved(project, heads)
            for (branch, commit) in heads.sorted(by: { $0.key < $1.key }) {
                let head = Head(project: project, branch: branch, commit: commit)
                if last.settled.contains(head) {
                    now.settled.insert(head)
                } else if last.fresh?.contains(head) != false {
                    try await deploy(head)
                    now.settled.insert(head)
                } else {
                    now.fresh?.insert(head)
                }
            }
        }
        return now
    }

    private func deploy(_ head: Head) async throws {
        let commit = try await ports.sources.commit(head.commit.rawValue, of: head.project)
        let manifest: ProjectManifest
        do {
            manifest = try await self.manifest(of: head.project, at: commit)
        } catch let failure as Failure where failure.code == .invalidManifest {
            // It was refused when it was pushed, and would be again.
            refused[head.project, default: [:]][head.branch] = failure
            return
        }
        aim(manifest, at: commit, of: head.branch)
        for environment in manifest.environments where environment.branch == head.branch {
            let key = EnvironmentKey(head.project, environment.name)
            guard try await !wasTried(commit.id, in: key) else { continue }
            let requester = Requester(name: "opshub", channel: .reconciliation)
            _ = try await order(.release, of: commit, manifest, in: key, requester)
        }
    }

    /// Remembers where the environments that a branch is mapped to should be.
    func aim(_ manifest: ProjectManifest, at commit: Commit, of branch: String) {
        refused[manifest.project]?[branch] = nil
        for environment in manifest.environments where environment.branch == branch {
            desired[EnvironmentKey(manifest.project, environment.name)] = Desired(
                branch: branch,
                commit: commit,
            )
        }
    }

    /// Forgets what is known by heads that are somewhere else by now.
    private func forgetMoved(_ project: ProjectName, _ heads: [String: CommitID]) {
        for (key, aim) in desired where key.project == project && heads[aim.branch] != aim.commit.id {
            desired[key] = nil
        }
        refused[project] = refused[project]?.filter { heads[$0.key] != nil }
    }

    private func wasTried(_ commit: CommitID, in key: EnvironmentKey) async throws -> Bool {
        try await ports.records.releases(of: key, limit: 500).contains { $0.commit.id == commit }
    }
}
