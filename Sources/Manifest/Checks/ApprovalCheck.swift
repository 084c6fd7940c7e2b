// SPDX-License-Identifier: Apache-2.0
import Core

/// Naming who approves must mean that somebody is asked.
enum ApprovalCheck {
    /// Reports approvals that are described but never required.
    static func run(_ manifest: ProjectManifest, _ log: ReadingLog) {
        for environment in manifest.environments where !environment.approval.required {
            let path = ManifestPath("environments", environment.name.rawValue, "approval")
            guard ["by", "count", "own", "expires"].contains(where: { log.says(path.key($0)) }),
                !log.says(path.key("required"))
            else {
                continue
            }
            let hint = "add 'required: true', or remove it"
            log.report(log.keyPlace(of: path), "\(path) is described but never required", hint: hint)
        }
    }
}
