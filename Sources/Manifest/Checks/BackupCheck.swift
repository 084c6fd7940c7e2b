// SPDX-License-Identifier: Apache-2.0
import Core

/// A policy for backups where there is nothing to back up.
enum BackupCheck {
    /// Remarks on it: it does no harm, and somebody relies on it.
    static func run(_ manifest: ProjectManifest, _ log: ReadingLog) {
        remarkWindows(manifest, log)
        guard manifest.accessories.isEmpty else { return }
        for environment in manifest.environments {
            let path = ManifestPath("environments", environment.name.rawValue, "backup")
            guard log.says(path) else { continue }
            log.remark(
                log.keyPlace(of: path),
                "\(path) has nothing to copy: there is nothing with data under 'accessories:'",
                hint: "only what OpsHub runs and keeps itself is backed up",
            )
        }
    }

    private static func remarkWindows(_ manifest: ProjectManifest, _ log: ReadingLog) {
        guard !manifest.accessories.contains(where: { $0.archive != nil }) else { return }
        for environment in manifest.environments where environment.backup.window != nil {
            let path = ManifestPath("environments", environment.name.rawValue, "backup").key("window")
            log.remark(
                log.keyPlace(of: path),
                "\(path) means nothing: no accessory keeps its write-ahead log",
                hint: "say 'archive: wal' beside 'postgres:' under 'accessories:'",
            )
        }
    }
}
