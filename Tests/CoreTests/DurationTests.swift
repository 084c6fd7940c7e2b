// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@Suite("Durations and sizes as people write them")
struct DurationTests {
    @Test(
        "use the unit that fits",
        arguments: [
            (Duration.milliseconds(85), "85ms"), (.milliseconds(2400), "2.4s"), (.seconds(185), "3m 05s"),
            (.seconds(7800), "2h 10m"), (.zero, "0ms"), (.milliseconds(59_999), "59.9s"),
        ],
    )
    func durations(duration: Duration, text: String) {
        #expect(duration.briefly == text)
    }

    @Test(
        "use binary units with one digit",
        arguments: [
            (Int64(512), "512 B"), (1024, "1.0 KiB"), (1_500_000, "1.4 MiB"), (1 << 40, "1.0 TiB"),
        ],
    )
    func sizes(bytes: Int64, text: String) {
        #expect(ByteCount(bytes).description == text)
    }
}
