// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// Parts of the product without the rest, for `script/bench`.
@main
struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "opshub-measure",
        abstract: "Measure parts of OpsHub by themselves.",
        subcommands: [Persist.self, Concurrent.self, Fill.self],
    )
}
