// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core
import FoundationEssentials
import Glibc

/// Options of every verb that speaks to a control plane.
struct Connection: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Folder of the control plane's state.",
            discussion: "Also OPSHUB_HOME.",
            valueName: "dir",
        )
    )
    var home: String?

    @Option(
        help: ArgumentHelp(
            "Where the control plane answers.",
            discussion: "Also OPSHUB_SERVER.",
            valueName: "url",
        )
    )
    var server: String?

    @Flag(help: "Write JSON.")
    var json = false

    /// Speaks to the control plane as long as `body` runs.
    func use<Result: Sendable>(_ body: (ControlPlaneClient) async throws -> Result) async throws -> Result {
        let client = ControlPlaneClient(
            url: address,
            token: try token(),
            person: Home.variable("USER") ?? "root",
        )
        do {
            let result = try await body(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// What was said, or else what the control plane of this home wrote down, or else the default.
    private var address: String {
        if let said = server ?? Home.variable("OPSHUB_SERVER") { return said }
        let info = try? Data(contentsOf: URL(filePath: layout.runInfo))  // None: the default address.
        let running = info.flatMap { try? JSONDecoder().decode(RunInfo.self, from: $0) }
        return running?.url ?? "http://127.0.0.1:4000"
    }

    private func token() throws -> Secret {
        if let said = Home.variable("OPSHUB_TOKEN") { return Secret(said) }
        // Whatever keeps it from being read, the way out is the same.
        guard let data = try? Data(contentsOf: URL(filePath: layout.token)) else {
            throw Failure(
                .unauthorized,
                "there is no token at \(layout.token)",
                hint:
                    "start the control plane once (opshub serve), name its home with --home, or set OPSHUB_TOKEN",
            )
        }
        return Secret(String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace })
    }

    private var layout: HomeLayout { HomeLayout(root: home ?? Home.default) }
}
