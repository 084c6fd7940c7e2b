// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
import Manifest

/// Projects that live in a remote: its branches are looked at again and again, so that no webhook is needed.
extension DeliveryEngine {
    /// Makes a project follow a remote, makes the project if there is none, and looks at the remote at once.
    ///
    /// - Returns: What the first look found.
    /// - Throws: `invalid` for an address or an interval that can't be used, and whatever the remote says. A project that was
    ///   made for it is gone then, and one that was there follows what it followed before.
    public func follow(
        _ remote: SourceRemote,
        credential: Secret?,
        as project: ProjectName,
    ) async throws -> RemoteState {
        let isNew = try await !ports.sources.projects().contains(project)
        let (before, known) = (try await ports.remotes.remote(of: project), remotes[project])
        let token = try await ports.remotes.credential(of: project)
        do {
            if isNew { try await ports.sources.create(project) }
            try await ports.remotes.follow(remote, credential: credential, as: project)
            let state = try await sync(project, accepting: nil)
            lookAt(project)
            return state
        } catch {
            remotes[project] = known
            if let before {
                try await ports.remotes.follow(before, credential: token, as: project)
            } else {
                try await ports.remotes.unfollow(project)
                if isNew { try await ports.sources.remove(project) }
            }
            throw error
        }
    }

    /// Makes a project follow nothing; it is pushed to OpsHub from then on.
    public func unfollow(_ project: ProjectName) async throws {
        guard try await ports.remotes.remote(of: project) != nil else {
            throw Failure(.conflict, "\(project) follows no remote", hint: "opshub project list")
        }
        try await ports.remotes.unfollow(project)
        remotes[project] = nil
    }

    /// What is known of a project's remote; nil before the first look.
    public func remoteState(of project: ProjectName) -> RemoteState? { remotes[project] }

    /// Where an environment should be; nil when no branch is mapped to it, or before the first look.
    public func desired(in key: EnvironmentKey) -> Desired? { desired[key] }

    /// Environments that are mapped to a branch by its newest commit.
    public func environments(on branch: String, of project: ProjectName) -> [EnvironmentName] {
        desired.filter { $0.key.project == project && $0.value.branch == branch }.map(\.key.environment)
            .sorted()
    }

    /// Why the newest commit of a branch can't be deployed anywhere, by branch.
    public func refusedHeads(of project: ProjectName) -> [String: Failure] { refused[project] ?? [:] }

    /// Looks at a project's remote now, and deploys what is new.
    ///
    /// - Parameters:
    ///   - project: The project.
    ///   - branch: A branch that is taken over although its history was rewritten or removed there.
    /// - Returns: What is known now.
    /// - Throws: What the remote or the repository says; `conflict` when the project follows none.
    public func sync(_ project: ProjectName, accepting branch: String?) async throws -> RemoteState {
        // Two fetches at once would stand in each other's way.
        while syncing.contains(project) { try await ports.time.sleep(for: settings.pollInterval) }
        syncing.insert(project)
        defer { syncing.remove(project) }
        var state = remotes[project] ?? RemoteState()
        do {
            let fetched = try await ports.remotes.fetch(project)
            state.answeredAt = ports.time.now
            if let branch, state.held[branch] == nil, fetched[branch] == nil {
                throw Failure(.notFound, "the remote of \(project) has no branch '\(branch)'")
            }
            state.held = try await takeOver(fetched, of: project, accepting: branch)
            (state.failure, state.failures) = (nil, 0)
        } catch {
            let failure = Failure.wrapping(error, doing: "looking at the remote of \(project)")
            (state.failure, state.failures) = (failure, state.failures + 1)
            (state.askedAt, remotes[project]) = (ports.time.now, state)
            throw error
        }
        (state.askedAt, remotes[project]) = (ports.time.now, state)
        return state
    }

    /// Looks at a project's remote again and again, as long as it follows one.
    func keepUp(with project: ProjectName) async {
        var looks = 0
        while !Task.isCancelled {
            do {
                guard let remote = try await ports.remotes.remote(of: project) else { break }
                let pause = Self.pause(remote.interval, remotes[project]?.failures ?? 0, project, looks)
                try await ports.time.sleep(for: pause)
                guard try await ports.remotes.remote(of: project) != nil else { break }
                looks += 1
                _ = try await sync(project, accepting: nil)
            } catch is CancellationError {
                break
            } catch {
                let failure = Failure.wrapping(error, doing: "looking at the remote of \(project)")
                let isKnown = remotes[project]?.failure == failure
                // Told once, and again when it is another; status shows it all the while.
                if !isKnown || remotes[project]?.failures == 1 {
                    report(EnvironmentKey(project, EnvironmentName("*")), failure)
                }
                // What is no failure of the remote has not waited for its next look yet. Throws only when cancelled.
                if !isKnown { try? await ports.time.sleep(for: settings.headInterval) }
            }
        }
        following.remove(project)
    }

    /// How long until the next look: the interval give or take a fifth, and twice as long after each failure up to ten
    /// minutes, so that a remote that is down is not kept down.
    static func pause(
        _ interval: Duration,
        _ failures: Int,
        _ project: ProjectName,
        _ looks: Int,
    ) -> Duration {
        // Spread by name and count, which is all that it takes for projects not to ask together.
        let hash = "\(project)/\(looks)".utf8
            .reduce(UInt64(14_695_981_039_346_656_037)) {
                ($0 ^ UInt64($1)) &* 1_099_511_628_211
            }
        let spread = 0.8 + 0.4 * Double((hash >> 16) % 1000) / 1000
        let longest = max(.seconds(600), interval)
        return min(interval * pow2(min(failures, 10)), longest) * spread
    }

    private static func pow2(_ exponent: Int) -> Double { Double(1 << exponent) }

    // MARK: Taking over

    /// Moves the project's own branches to where the remote's are, as a push would.
    ///
    /// - Returns: Branches that stay where they are until somebody accepts what happened to them.
    private func takeOver(
        _ fetched: [String: CommitID],
        of project: ProjectName,
        accepting accepted: String?,
    ) async throws -> [String: RemoteState.Held] {
        let own = try await ports.sources.heads(of: project)
        var held: [String: RemoteState.Held] = [:]
        var failure: (any Error)?
        // What goes makes room for what comes: `a` can only be made once `a/b` is gone.
        let gone = own.keys.filter { fetched[$0] == nil }.sorted()
        for branch in gone + fetched.keys.sorted() {
            let (here, there) = (own[branch], fetched[branch])
            guard here != there else { continue }
            do {
                if let here, branch != accepted,
                    try await mustBeHeld(branch, of: project, here: here, there: there)
                {
                    held[branch] = RemoteState.Held(here: here, there: there)
                    continue
                }
                try await ports.sources.moveBranch(branch, from: here, to: there, of: project)
                if let there { try await deploy(branch, at: there, of: project) }
            } catch {
                // One branch keeps no other back.
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return held
    }

    /// A branch that an environment is mapped to only goes forward by itself: whoever rewrites it may not know what hangs on
    /// it.
    private func mustBeHeld(
        _ branch: String,
        of project: ProjectName,
        here: CommitID,
        there: CommitID?,
    ) async throws -> Bool {
        if let there, try await ports.sources.contains(here, in: there, of: project) { return false }
        if try await isMapped(branch, at: here, of: project) { return true }
        guard let there else { return false }
        return try await isMapped(branch, at: there, of: project)
    }

    private func isMapped(_ branch: String, at id: CommitID, of project: ProjectName) async throws -> Bool {
        let commit = try await ports.sources.commit(id.rawValue, of: project)
        do {
            let manifest = try await manifest(of: project, at: commit)
            return manifest.environments.contains { $0.branch == branch }
        } catch let failure as Failure where failure.code == .invalidManifest {
            return false
        }
    }

    private func deploy(_ branch: String, at commit: CommitID, of project: ProjectName) async throws {
        do {
            let requester = Requester(name: "opshub", channel: .reconciliation)
            _ = try await pushed(project, branch: branch, to: commit, requester: requester)
        } catch let failure as Failure where failure.code == .invalidManifest {
            return  // Whoever looks at the heads tells it.
        }
    }
}
