// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Hummingbird
import Logging
import Server

/// `opshub static-files`: the program of a service that only has files.
struct StaticFilesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "static-files",
        abstract: "Serve a folder; run by OpsHub for services with 'static:'.",
        shouldDisplay: false,
    )

    @Option(help: "The folder.")
    var root: String

    @Option(help: "The loopback port.")
    var port: Int

    func run() async throws {
        var logger = Logger(label: "static-files") { _ in PlainLogHandler() }
        logger.logLevel = .warning
        try await StaticFiles.application(root: root, port: port, logger: logger).runService()
    }
}
