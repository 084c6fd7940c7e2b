// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Testing

@testable import Commands

@Suite("Moments as people write them")
struct MomentTextTests {
    @Test(
        "are UTC unless they say otherwise",
        arguments: [
            ("2026-11-22T10:41:30Z", 0.0), ("2026-11-22 10:41:30", 0), ("2026-11-22T10:41:30", 0),
            ("2026-11-22 11:41:30+01:00", 0), ("2026-11-22T06:41:30-04:00", 0), ("2026-11-22 10:41", -30),
            ("2026-11-22T10:41Z", -30), ("2026-11-22 10:41+00:00", -30), ("2026-11-22 10:41:30.25", 0.25),
            ("2026-11-22T10:41:30.5Z", 0.5),
        ],
    )
    func moments(_ text: String, _ after: Double) throws {
        let expected = Date(timeIntervalSince1970: 1_795_344_090 + after)
        #expect(abs(try MomentText.moment(text).timeIntervalSince(expected)) < 0.001)
    }

    @Test(
        "are nothing that could mean another one",
        arguments: [
            "", "now", "yesterday", "10:41", "2026-11-22", "22.11.2026 10:41", "2026-13-22 10:41",
            "2026-11-31 10:41",
            "2026-11-22 25:41", "2026-11-22 10:61", "2026-11-22 10:41:30 CET", "2026-11-22T10:41:30+99:00",
            "1795344090",
        ],
    )
    func refused(_ text: String) {
        let failure = #expect(throws: Failure.self) { try MomentText.moment(text) }
        #expect(failure?.code == .invalid && failure?.hint?.contains("in UTC") == true)
    }

    @Test("are told as stretches, or that there are none")
    func line() {
        #expect(MomentText.line([]).hasPrefix("no moment yet"))
        let from = Date(timeIntervalSince1970: 1_795_344_090)
        let stretches = [
            (from: from, to: from.addingTimeInterval(60)),
            (from: from.addingTimeInterval(90), to: from.addingTimeInterval(120)),
        ]
        #expect(
            MomentText.line(stretches)
                == "any moment from 2026-11-22T10:41:30Z to 2026-11-22T10:42:30Z, or from 2026-11-22T10:43:00Z to 2026-11-22T10:43:30Z"
        )
    }
}
