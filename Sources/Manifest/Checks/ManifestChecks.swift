// SPDX-License-Identifier: Apache-2.0

/// Everything about a manifest that takes more than one of its values to see.
enum ManifestChecks {
    /// Reports what does not fit together.
    static func run(_ manifest: ProjectManifest, _ log: ReadingLog) {
        ReferenceCheck.run(manifest, log)
        AccessoryCheck.run(manifest, log)
        RouteCheck.run(manifest, log)
        HealthTimeCheck.run(manifest, log)
        UniquenessCheck.run(manifest, log)
        StabilityCheck.run(manifest, log)
        CanaryCheck.run(manifest, log)
        ApprovalCheck.run(manifest, log)
        BackupCheck.run(manifest, log)
    }
}
