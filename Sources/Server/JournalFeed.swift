// SPDX-License-Identifier: Apache-2.0
public import Delivery
import Synchronization

/// Tells followers that a deployment's journal has grown.
///
/// What was written is read from the records.
public final class JournalFeed: Sendable {
    private struct Followers {
        var next = 0
        var byDeployment: [DeploymentID: [Int: AsyncStream<Void>.Continuation]] = [:]
    }

    private let followers = Mutex(Followers())

    /// A feed without followers.
    public init() {}

    /// Wakes everyone who follows this deployment.
    public func wake(_ deployment: DeploymentID) {
        let continuations = followers.withLock { Array(($0.byDeployment[deployment] ?? [:]).values) }
        for continuation in continuations { continuation.yield() }
    }

    /// One element whenever the journal may have grown; at once the first time.
    ///
    /// Ends when it is dropped.
    func changes(of deployment: DeploymentID) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let key = followers.withLock { followers in
            followers.next += 1
            followers.byDeployment[deployment, default: [:]][followers.next] = continuation
            return followers.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.followers
                .withLock { followers in
                    followers.byDeployment[deployment]?[key] = nil
                    if followers.byDeployment[deployment]?.isEmpty == true {
                        followers.byDeployment[deployment] = nil
                    }
                }
        }
        continuation.yield()
        return stream
    }
}
