// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

extension DeliveryEngine {
    /// Deploys what was pushed and never heard of: a control plane that died between taking a push and writing down the
    /// deployment finds the branch ahead of everything that it has ever tried.
    ///
    /// A commit that was tried once is left alone, whatever became of it, so that a rollback stays.
    func reconcileHeads() async throws {
        for project in try await ports.sources.projects() {
            for (branch, head) in try await ports.sources.heads(of: project).sorted(by: { $0.key < $1.key }) {
                let commit = try await ports.sources.commit(head.rawValue, of: project)
                // A head without a usable manifest was refused when it was pushed, and would be again.
                guard let manifest = try? await manifest(of: project, at: commit) else { continue }
                for environment in manifest.environments where environment.branch == branch {
                    let key = EnvironmentKey(project, environment.name)
                    guard try await !wasTried(commit.id, in: key) else { continue }
                    let requester = Requester(name: "opshub", channel: .reconciliation)
                    _ = try await order(.release, of: commit, manifest, in: key, requester)
                }
            }
        }
    }

    private func wasTried(_ commit: CommitID, in key: EnvironmentKey) async throws -> Bool {
        try await ports.records.releases(of: key, limit: 500).contains { $0.commit.id == commit }
    }
}
