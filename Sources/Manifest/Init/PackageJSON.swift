// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// The parts of a `package.json` that tell how a program is built and started.
struct PackageJSON: Decodable {
    private var scripts: [String: String]?
    private var dependencies: [String: String]?
    private var devDependencies: [String: String]?
    private var main: String?
    private var workspaces: Workspaces?

    /// Reads a file; nil when it is not JSON of that shape.
    init?(_ text: String) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
        } catch {
            return nil
        }
    }

    /// Whether it only holds other packages together.
    var isWorkspace: Bool { workspaces != nil }

    /// The file that the package begins with.
    var entry: String? { main }

    /// Names of packages for running and for building.
    var everyDependency: Set<String> {
        Set(dependencies.map { Set($0.keys) } ?? []).union(devDependencies.map { Set($0.keys) } ?? [])
    }

    /// A script's command line; nil for none, and for the one that `npm init` writes to fail.
    func script(_ name: String) -> String? {
        scripts?[name].flatMap { $0.contains("no test specified") ? nil : $0 }
    }

    /// Present or not is all that counts.
    private struct Workspaces: Decodable {
        init(from decoder: any Decoder) throws {}
    }
}
