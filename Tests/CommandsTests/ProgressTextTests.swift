// SPDX-License-Identifier: Apache-2.0
import API
import Testing

@testable import Commands

@Suite("Progress on a line")
struct ProgressTextTests {
    @Test(
        "says how much, of how much, how fast and how long still",
        arguments: [
            (
                "dumping", 2.0, 104_857_600, 419_430_400,
                "dumping: 100.0 MiB of 400.0 MiB (25 %), 50.0 MiB/s, 6s left",
            ),
            ("dumping", 2.0, 104_857_600, nil, "dumping: 100.0 MiB, 50.0 MiB/s"),
            // More than last time.
            ("dumping", 2.0, 104_857_600, 1_048_576, "dumping: 100.0 MiB, 50.0 MiB/s"),
            (
                "restoring", 2.0, 104_857_600, 104_857_600,
                "restoring: 100.0 MiB of 100.0 MiB (100 %), 50.0 MiB/s, 0s left",
            ),
            ("comparing", 71.4, 0, nil, "comparing, 1m 11s"), ("waiting", 0.2, 0, nil, "waiting, 0s"),
        ] as [(String, Double, Int64, Int64?, String)],
    )
    func line(stage: String, seconds: Double, done: Int64, total: Int64?, expected: String) {
        let progress = ProgressView(
            of: "backup b1",
            stage: stage,
            seconds: seconds,
            done: done,
            total: total,
        )
        #expect(ProgressText.line(progress) == expected)
    }

    @Test("counts migrations without a speed, and says everything that is under way on one line")
    func migrations() {
        func verifying(_ done: Int64, _ total: Int64?) -> ProgressView {
            ProgressView(
                of: "migrations of app/db",
                stage: "verifying",
                seconds: 30,
                done: done,
                total: total,
                unit: "migrations",
            )
        }
        #expect(ProgressText.line(verifying(3, 12)) == "verifying: 3 of 12 migrations, 1m 30s left")
        #expect(ProgressText.line(verifying(0, 12)) == "verifying 12 migrations, 30s")
        #expect(ProgressText.line(verifying(0, nil)) == "verifying, 30s")
        let backup = ProgressView(of: "backup b1", stage: "comparing", seconds: 2, done: 0, total: nil)
        #expect(
            ProgressText.line([backup, verifying(3, 12)])
                == "backup b1 comparing, 2s; migrations of app/db verifying: 3 of 12 migrations, 1m 30s left"
        )
        #expect(ProgressText.line([]).isEmpty)
    }
}
