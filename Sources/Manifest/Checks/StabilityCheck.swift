// SPDX-License-Identifier: Apache-2.0
import Core

/// A window can't be longer than the longest one.
enum StabilityCheck {
    /// Reports windows that are longer than `max_window`.
    static func run(_ manifest: ProjectManifest, _ log: ReadingLog) {
        for environment in manifest.environments {
            let path = ManifestPath("environments", environment.name.rawValue, "stability", "max_window")
            let stability = environment.stability
            guard let longest = stability.maxWindow, longest < stability.window, log.says(path) else {
                continue
            }
            log.report(
                log.place(of: path),
                "\(path) is shorter than the window, \(DurationText.of(stability.window))",
                hint: "make it as long at least, or remove it: it is three windows then",
            )
        }
    }
}
