// SPDX-License-Identifier: Apache-2.0

extension Failure {
    /// A failure's stable, documented name, and with it the class that decides exit codes and HTTP statuses.
    public struct Code: Hashable, Sendable, RawRepresentable, Codable, CustomStringConvertible {
        /// Kebab-case.
        public let rawValue: String

        /// Wraps a kebab-case name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The kebab-case name.
        public var description: String { rawValue }
    }
}

extension Failure.Code {
    /// The call itself is wrong: an argument, a file, a value.
    public static let invalid = Self(rawValue: "invalid")
    /// `opshub.yml` has mistakes.
    public static let invalidManifest = Self(rawValue: "invalid-manifest")
    /// The named thing does not exist.
    public static let notFound = Self(rawValue: "not-found")
    /// The thing exists but its state does not allow the call.
    public static let conflict = Self(rawValue: "conflict")
    /// No token, or one that is not known.
    public static let unauthorized = Self(rawValue: "unauthorized")
    /// The control plane does not answer.
    public static let unreachable = Self(rawValue: "unreachable")
    /// A program that OpsHub needs is not installed or too old.
    public static let missingProgram = Self(rawValue: "missing-program")
    /// A program ended with a status that is not success.
    public static let programFailed = Self(rawValue: "program-failed")
    /// Something did not end in the time it had.
    public static let deadlineExceeded = Self(rawValue: "deadline-exceeded")
    /// The call was cancelled.
    public static let cancelled = Self(rawValue: "cancelled")
    /// A port is in use by somebody else.
    public static let portTaken = Self(rawValue: "port-taken")
    /// Less free disk than the work needs.
    public static let diskFull = Self(rawValue: "disk-full")
    /// Less available memory than the work needs.
    public static let memoryLow = Self(rawValue: "memory-low")
    /// State on disk can't be read as what it should be.
    ///
    /// Nothing was deleted.
    public static let damagedState = Self(rawValue: "damaged-state")
    /// State is in use by another process.
    public static let stateLocked = Self(rawValue: "state-locked")
    /// Another control plane drives the environment.
    public static let leaseHeld = Self(rawValue: "lease-held")
    /// A write came from a driver that no longer holds the lease.
    public static let staleLease = Self(rawValue: "stale-lease")
    /// A gate measured, and said no.
    public static let gateFailed = Self(rawValue: "gate-failed")
    /// A gate could not measure enough to say yes.
    public static let gateInconclusive = Self(rawValue: "gate-inconclusive")
    /// A build or test command failed.
    public static let buildFailed = Self(rawValue: "build-failed")
    /// A service program ended by itself.
    public static let serviceExited = Self(rawValue: "service-exited")
    /// A migration did not apply.
    public static let migrationFailed = Self(rawValue: "migration-failed")
    /// A release's migrations go to another database than that which they were given.
    public static let strayMigrations = Self(rawValue: "stray-migrations")
    /// A backup could not be made or did not survive its restore drill.
    public static let backupFailed = Self(rawValue: "backup-failed")
    /// The edge refused a change or does not run.
    public static let edgeFailed = Self(rawValue: "edge-failed")
    /// The container engine does not answer, or refused what a deployment needs.
    public static let engineFailed = Self(rawValue: "engine-failed")
    /// An image can't be had: its registry does not have it, refuses it, or does not answer.
    public static let imageFailed = Self(rawValue: "image-failed")
    /// The deployment that was waited for did not succeed.
    public static let deploymentFailed = Self(rawValue: "deployment-failed")
    /// A defect of OpsHub or a case nobody thought of.
    public static let unexpected = Self(rawValue: "unexpected")
}
