// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem

/// Keeps work on a folder, or on whatever else an accessory keeps, apart by a locked file beside it; the lock ends with the process that
/// holds it.
public struct FolderLock: DatabaseLock {
    private let layout: HomeLayout

    /// Folders of a home.
    public init(layout: HomeLayout) {
        self.layout = layout
    }

    /// Holds a folder; see ``DataSafety/DatabaseLock``.
    public func hold<Result: Sendable>(
        _ folder: DatabaseTarget,
        for purpose: String,
        waiting: Duration,
        body: @Sendable () async throws -> Result,
    ) async throws -> Result {
        let place = FolderPlace(folder, in: layout)
        guard Folder.exists(place.path) else {
            throw Failure(.notFound, "\(folder) was never made", hint: "deploy first")
        }
        var held: FileLock?
        var refusal: Failure?
        let isMine = try await Patience.wait(waiting) {
            do {
                held = try FileLock(place.lock)
                return true
            } catch let failure as Failure where failure.code == .stateLocked {
                refusal = failure
                return false
            }
        }
        guard isMine, let held else {
            throw Failure(
                .conflict,
                "\(folder) is in use and was not free within \(waiting.briefly)",
                hint: "wait for that to end, then try again",
                cause: refusal?.message,
                isRetryable: true,
            )
        }
        defer { withExtendedLifetime(held) {} }
        return try await body()
    }
}
