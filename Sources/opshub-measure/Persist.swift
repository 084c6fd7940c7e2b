// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Core
import Delivery
import FoundationEssentials
import Manifest
import Storage

/// How long it takes to apply an event to a deployment and have it on disk.
struct Persist: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Apply events and persist them; prints the median in ms."
    )

    @Argument(help: "A folder on the disk that is meant.")
    var folder: String

    @Option(help: "How many events.")
    var count = 1000

    func run() async throws {
        let path = "\(folder)/measure-\(UInt32.random(in: .min ... .max)).db"
        defer {
            for suffix in ["", "-wal", "-shm", "-reserve"] {
                try? FileManager.default.removeItem(atPath: path + suffix)
            }
        }
        let ledger = SQLiteDeliveryLedger(try StateDatabase(path: path))
        let key = Sample.key(1)
        let lease = try await ledger.claim(key, for: "measure", at: .now, until: .distantFuture)
        let clock = ContinuousClock()
        var times: [Duration] = []
        var deployment = Sample.deployment(0, of: key)
        for number in 0..<count {
            // As many steps as a deployment with a migration has.
            if number.isMultiple(of: 15) {
                deployment = Sample.deployment(number, of: key)
                deployment.concludedAt = nil
                deployment.machine = DeploymentMachine()
                _ = try deployment.machine.apply(.begun(course: Array(repeating: .smoke, count: 16)))
            }
            let begin = clock.now
            _ = try deployment.machine.apply(.finished(.smoke))
            let change = DeliveryChange(
                deployment: deployment,
                journal: [.finished(.smoke, took: .milliseconds(1))],
                at: .now,
            )
            try await ledger.commit(change, lease: lease)
            times.append(clock.now - begin)
        }
        print(times.sorted()[count / 2] / .milliseconds(1))
    }
}
