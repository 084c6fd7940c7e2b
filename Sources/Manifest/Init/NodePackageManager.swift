// SPDX-License-Identifier: Apache-2.0

/// The program that installs a Node package's dependencies, by the lock file that it left.
struct NodePackageManager {
    /// The command that installs exactly what was locked.
    let install: String
    private let name: String

    /// Looks at a package's folder.
    init(of tree: FileTree) {
        switch tree.first(of: "pnpm-lock.yaml", "yarn.lock", "package-lock.json") {
        case "pnpm-lock.yaml": (name, install) = ("pnpm", "pnpm install --frozen-lockfile")
        case "yarn.lock": (name, install) = ("yarn", "yarn install --frozen-lockfile")
        case "package-lock.json": (name, install) = ("npm", "npm ci")
        default: (name, install) = ("npm", "npm install")
        }
    }

    /// The command that runs a script.
    func run(_ script: String) -> String {
        ["start", "test"].contains(script) ? "\(name) \(script)" : "\(name) run \(script)"
    }
}
