// SPDX-License-Identifier: Apache-2.0
import Core
import Foundation
import Synchronization
import Testing

@testable import ProcessRuntime

@Suite("Locks of environments")
struct FileEnvironmentLocksTests {
    private static let production = EnvironmentKey(ProjectName("shop"), EnvironmentName("production"))
    private static let staging = EnvironmentKey(ProjectName("shop"), EnvironmentName("staging"))

    @Test("are had by one at a time, and given back however the work ends", .timeLimit(.minutes(10)))
    func oneAtATime() async throws {
        try await withHome { locks in
            let room = Room()
            await withTaskGroup { group in
                for number in 0..<8 {
                    group.addTask(name: "control plane \(number)") {
                        // Half of them fail.
                        try? await locks.hold(Self.production) {
                            #expect(
                                room.inside.withLock { count in
                                    count += 1; return count
                                } == 1
                            )
                            try await ContinuousClock().sleep(for: .milliseconds(5))
                            room.inside.withLock { $0 -= 1 }
                            if number.isMultiple(of: 2) { throw CancellationError() }
                        }
                    }
                }
            }
            #expect(room.inside.withLock { $0 } == 0)
        }
    }

    @Test("of another environment are free, and who waits can be cancelled", .timeLimit(.minutes(10)))
    func others() async throws {
        try await withHome { locks in
            try await locks.hold(Self.production) {
                try await locks.hold(Self.staging) {}
                await withThrowingTaskGroup { group in
                    group.addTask(name: "waiting") { try await locks.hold(Self.production) {} }
                    group.cancelAll()
                    await #expect(throws: CancellationError.self) { try await group.waitForAll() }
                }
            }
        }
    }

    private final class Room: Sendable {
        let inside = Mutex(0)
    }

    private func withHome(_ body: (FileEnvironmentLocks) async throws -> Void) async throws {
        let home = FileManager.default.temporaryDirectory.appending(
            component: "opshub-locks-\(UUID().uuidString)"
        )
        defer { try? FileManager.default.removeItem(at: home) }
        try await body(
            FileEnvironmentLocks(layout: HomeLayout(root: home.path), pollInterval: .milliseconds(2))
        )
    }
}
