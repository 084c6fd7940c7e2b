// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Core
import HostSystem
import SystemPackage

/// `opshub edge-log`: writes the edge's access log, supervised beside the edge.
struct EdgeLogCommand: ParsableCommand {
    static let name = "edge-log"
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Write the edge's log from standard input; run by OpsHub.",
        shouldDisplay: false,
    )

    @Argument(help: "The folder.")
    var folder: String

    @Option(help: "A file of this many bytes is put aside.")
    var fileSize: Int64

    @Option(help: "How many are kept.")
    var keptFiles: Int

    func run() throws {
        let drain = LogDrain(folder: folder, fileSize: ByteCount(fileSize), keptFiles: keptFiles)
        try drain.run(input: .standardInput)
    }
}
