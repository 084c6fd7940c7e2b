// SPDX-License-Identifier: Apache-2.0
import Core

/// Nobody shall rely on what is only read: keys that nothing acts on yet are told wherever a file uses them.
enum UnheededKeys {
    private static let consequences: [(parent: String, key: String, consequence: String)] = [
        ("backup", BackupKeys.schedule.description.name, "run 'opshub backup create' from cron"),
        ("backup", BackupKeys.keepDays.description.name, "every backup is kept"),
        ("backup", BackupKeys.keepLast.description.name, "every backup is kept"),
    ]

    /// Remarks on the keys of this file.
    static func run(_ manifest: ProjectManifest, _ log: ReadingLog) {
        for environment in manifest.environments {
            for (parent, key, consequence) in consequences {
                let path = ManifestPath("environments", environment.name.rawValue, parent).key(key)
                guard log.says(path) else { continue }
                log.remark(
                    log.keyPlace(of: path),
                    "\(path) is read, but nothing acts on it yet",
                    hint: consequence,
                )
            }
        }
    }
}
