// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Commands
import Core
import DockerRuntime
import FoundationEssentials
import Glibc
import HostSystem
import Logging

/// `opshub serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the control plane.",
        discussion: """
            Services, databases and the edge run outside of it: stopping it, or losing it, costs no request.

            Examples:
              opshub serve
              opshub serve --home /srv/opshub --public 0.0.0.0:80
            """,
    )

    @Option(help: ArgumentHelp("Folder of all state.", discussion: "Also OPSHUB_HOME.", valueName: "dir"))
    var home: String?

    @Option(help: "Address of the API and the embedded remote.")
    var host = "127.0.0.1"

    @Option(help: "Its port.")
    var port = 4000

    @Option(
        name: .customLong("public"),
        help: ArgumentHelp("Where the edge answers domains.", valueName: "address:port"),
    )
    var publicAddress = "127.0.0.1:8080"

    @Option(
        name: .customLong("instance-ports"),
        help: ArgumentHelp(
            "Loopback ports for instances.",
            discussion: "Below 32768, where the kernel takes its own.",
            valueName: "from-to",
        ),
    )
    var instancePorts = "20000-29999"

    @Option(
        name: .customLong("access-log-sample"),
        help: ArgumentHelp(
            "Log one request in so many.",
            discussion: "Answers of 500 and above are always logged.",
            valueName: "n",
        ),
    )
    var accessLogSample = 1

    @Option(
        help: ArgumentHelp(
            "Container engine, for services that run in containers.",
            discussion: "Also DOCKER_HOST. unix:///var/run/docker.sock without either.",
            valueName: "address",
        )
    )
    var engine: String?

    @Flag(help: "Write messages as JSON, one object a line.")
    var json = false

    func run() async throws {
        ProcessMemory.returnLargeBlocks()
        let root = home ?? Home.default
        guard root.hasPrefix("/") else {
            throw Failure(
                .invalid,
                "the home \(root) is no absolute path",
                hint: "opshub serve --home $PWD/\(root)",
            )
        }
        let parts = publicAddress.split(separator: ":").map(String.init)
        guard parts.count == 2, let publicPort = Int(parts[1]), (1...65_535).contains(publicPort) else {
            throw Failure(
                .invalid,
                "'\(publicAddress)' is no address:port",
                hint: "opshub serve --public 127.0.0.1:8080",
            )
        }
        guard (1...10_000).contains(accessLogSample) else {
            throw Failure(
                .invalid,
                "--access-log-sample \(accessLogSample) is not between 1 and 10000",
                hint: "opshub serve --access-log-sample 10",
            )
        }
        // A client that goes away is an error of that one write, and not the end of the control plane.
        signal(SIGPIPE, SIG_IGN)
        let options = ServeOptions(
            layout: HomeLayout(root: root),
            host: host,
            port: port,
            publicAddress: parts[0],
            publicPort: publicPort,
            instancePorts: try instanceRange(),
            accessLogSample: accessLogSample,
            engine: try engineAddress(),
        )
        let logger = Logger(label: "opshub") { [json] _ in PlainLogHandler(isJSON: json) }
        let installation = try await Installation.open(options, logger: logger)
        try await installation.serve()
    }

    private func engineAddress() throws(Failure) -> EngineAddress {
        guard let text = engine ?? ProcessInfo.processInfo.environment["DOCKER_HOST"], !text.isEmpty else {
            return .usual
        }
        do {
            return try EngineAddress(text)
        } catch {
            // Somebody else's variable keeps no control plane from starting: whatever runs in containers says so.
            guard engine == nil else { throw error }
            return .unusable(text)
        }
    }

    private func instanceRange() throws(Failure) -> ClosedRange<Int> {
        let ends = instancePorts.split(separator: "-").compactMap { Int($0) }
        guard ends.count == 2, ends[0] >= 1024, ends[0] < ends[1], ends[1] <= 65_535 else {
            throw Failure(
                .invalid,
                "'\(instancePorts)' is no range of ports",
                hint: "opshub serve --instance-ports 20000-29999",
            )
        }
        return ends[0]...ends[1]
    }
}
