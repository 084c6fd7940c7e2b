// SPDX-License-Identifier: Apache-2.0
import Core

/// A canary must get somewhere, step by step.
enum CanaryCheck {
    /// Reports shares that do not grow to the whole, and canaries of environments that move traffic otherwise.
    static func run(_ manifest: ProjectManifest, _ log: ReadingLog) {
        for environment in manifest.environments {
            let path = ManifestPath("environments", environment.name.rawValue, "canary")
            guard log.says(path), !log.isBroken(path) else { continue }
            if environment.strategy != .canary {
                log.report(
                    log.keyPlace(of: path),
                    "\(path) is described, and the strategy is \(environment.strategy.rawValue)",
                    hint: "say 'strategy: canary', or remove it",
                )
            }
            guard let wrong = mistake(in: environment.canary.steps) else { continue }
            let steps = path.key("steps")
            log.report(
                log.says(steps) ? log.place(of: steps) : log.keyPlace(of: path),
                "\(steps) \(wrong)",
                hint: "shares grow from one step to the next, and the last one is 100%: [5%, 25%, 50%, 100%]",
            )
        }
    }

    private static func mistake(in steps: [Int]) -> String? {
        guard let first = steps.first, let last = steps.last else { return "is empty" }
        guard first >= 1 else { return "begins with less than 1%" }
        if let index = steps.indices.dropFirst().first(where: { steps[$0] <= steps[$0 - 1] }) {
            return "does not grow: \(steps[index])% comes after \(steps[index - 1])%"
        }
        return last == 100 ? nil : "ends with \(last)%"
    }
}
