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
        var seen: Set<Head>?
        while !Task.isCancelled {
            var pause = settings.headInterval
            do {
                seen = try await reconcileHeads(seen)
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

    /// - Parameter seen: Heads that were untried at the last look: what is new may be on its way here. Nil at the start.
    /// - Returns: Heads that are untried now.
    /// - Throws: What the repositories or the ledger throw; what was ordered by then stays.
    private func reconcileHeads(_ seen: Set<Head>?) async throws -> Set<Head> {
        var untried: Set<Head> = []
        for project in try await ports.sources.projects() {
            for (branch, head) in try await ports.sources.heads(of: project).sorted(by: { $0.key < $1.key }) {
                let commit = try await ports.sources.commit(head.rawValue, of: project)
                // A head without a usable manifest was refused when it was pushed, and would be again.
                guard let manifest = try? await manifest(of: project, at: commit) else { continue }
                for environment in manifest.environments where environment.branch == branch {
                    let head = Head(key: EnvironmentKey(project, environment.name), commit: commit.id)
                    guard try await !wasTried(head.commit, in: head.key) else { continue }
                    untried.insert(head)
                    guard seen?.contains(head) != false else { continue }
                    let requester = Requester(name: "opshub", channel: .reconciliation)
                    _ = try await order(.release, of: commit, manifest, in: head.key, requester)
                }
            }
        }
        return untried
    }

    private struct Head: Hashable {
        let key: EnvironmentKey
        let commit: CommitID
    }

    private func wasTried(_ commit: CommitID, in key: EnvironmentKey) async throws -> Bool {
        try await ports.records.releases(of: key, limit: 500).contains { $0.commit.id == commit }
    }
}
