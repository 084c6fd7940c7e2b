// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Logging
import ServiceLifecycle

/// Sends to stores what is not there yet, whoever has made it: apart from ``BackupRounds``, because a slow store must keep no
/// backup from being made.
///
/// Each environment has its turn with one backup. What fails is in the log, with the backup, and keeps no other from its turn.
struct OffsiteRounds: Service {
    let backups: Backups
    let policies: BackupPolicies
    let time: any TimeSource
    let logger: Logger

    private static let pause: Duration = .seconds(15)

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while true {
                try await time.sleep(for: Self.pause)
                while try await round() {}
            }
        }
    }

    /// Whether anything was copied, and so more may be waiting.
    private func round() async throws -> Bool {
        do {
            var hasCopied = false
            for key in try await policies.environments() {
                hasCopied = try await copy(key) || hasCopied
            }
            return hasCopied
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            logger.error(
                "it could not be found out which backups are to be copied off-site",
                metadata: ["failure": "\(error)"],
            )
            return false
        }
    }

    private func copy(_ key: EnvironmentKey) async throws -> Bool {
        do {
            guard let place = try await policies.policy(of: key)?.offsite else { return false }
            guard let copied = try await backups.copyNext(of: key, to: place) else { return false }
            logger.info(
                "a backup is off-site",
                metadata: ["environment": "\(key)", "store": "\(place)", "which": "\(copied)"],
            )
            return true
        } catch is CancellationError {
            throw CancellationError()
        } catch let failure as Failure where failure.code == .conflict && failure.isRetryable {
            // Somebody is at it already.
            return false
        } catch {
            logger.error(
                "a backup could not be copied off-site; tried again later",
                metadata: ["environment": "\(key)", "failure": "\(error)"],
            )
            return false
        }
    }
}
