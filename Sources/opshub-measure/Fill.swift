// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Core
import Delivery
import FoundationEssentials
import Storage

/// A state database with a long history.
struct Fill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write environments, and deployments that are over, into a state database that nobody uses."
    )

    @Argument(help: "The database.")
    var path: String

    @Option(help: "How many environments.")
    var environments = 50

    @Option(help: "How many deployments, over all of them.")
    var deployments = 1000

    func run() async throws {
        let ledger = SQLiteDeliveryLedger(try StateDatabase(path: path))
        for _ in 0..<deployments {
            let number = try await ledger.number(.deployment)
            _ = try await ledger.number(.release)
            let key = Sample.key(number % environments + 1)
            let lease = try await ledger.claim(key, for: "measure", at: .now, until: .now)
            let deployment = Sample.deployment(number, of: key)
            let change = DeliveryChange(
                release: Sample.release(number, of: key),
                deployment: deployment,
                environment: EnvironmentRecord(key: key),
                journal: [.requested(by: deployment.requester), .ended(Verdict(outcome: .succeeded))],
                at: .now,
            )
            try await ledger.commit(change, lease: lease)
        }
    }
}
