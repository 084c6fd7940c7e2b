// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
import HostSystem

/// A locked file in each environment's folder: whoever acts on this machine's services has it.
public struct FileEnvironmentLocks: EnvironmentLocks {
    private let layout: HomeLayout
    private let pollInterval: Duration

    /// The locks of a home.
    public init(layout: HomeLayout, pollInterval: Duration = .milliseconds(100)) {
        self.layout = layout
        self.pollInterval = pollInterval
    }

    /// Waits for the file, and lets go of it when `body` ends.
    public func hold(_ environment: EnvironmentKey, _ body: @Sendable () async throws -> Void) async throws {
        let folder = layout.environment(environment)
        try Folder.make(folder, mode: 0o711)
        var lock = try Self.lock("\(folder)/lock")
        while lock == nil {
            try await ContinuousClock().sleep(for: pollInterval)
            lock = try Self.lock("\(folder)/lock")
        }
        try await body()
        withExtendedLifetime(lock) {}
    }

    /// Nil when somebody else has it.
    private static func lock(_ path: String) throws(Failure) -> FileLock? {
        do {
            return try FileLock(path)
        } catch {
            guard error.code == .stateLocked else { throw error }
            return nil
        }
    }
}
