// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest
import Testing

@Suite("A value in opshub.yml")
struct ValueTests {
    @Test(
        "that is a duration has one number and one unit",
        arguments: [
            ("250ms", .milliseconds(250)), ("30s", .seconds(30)), ("5m", .seconds(300)),
            ("2h", .seconds(7200)),
            ("1d", .seconds(86_400)), ("'45s'", .seconds(45)), ("007s", .seconds(7)),
            ("999999999d", .seconds(86_400 * 999_999_999)),
        ] as [(String, Duration)],
    )
    func durations(_ text: String, _ expected: Duration) throws {
        let manifest = try manifest(manifestOfService("build_timeout: \(text)"))
        #expect(manifest.services.first?.buildTimeout == expected)
    }

    @Test(
        "that is a duration of nothing is good where waiting is optional only",
        arguments: ["0s", "0ms", "0d"],
    )
    func zeroDurations(_ text: String) throws {
        let environment = try manifest(manifestOfEnvironment("keep_warm: \(text)")).environments.first
        #expect(environment?.keepWarm == .zero)
        #expect(
            mistakes(manifestOfService("build_timeout: \(text)")) == [
                "opshub.yml:5:20: services.web.build_timeout is '\(text)' (it must be longer than nothing, such as 30s)"
            ]
        )
    }

    @Test(
        "that is nearly a duration is spelled out",
        arguments: [
            ("30", "write 30s"), ("99", "write 99s"), ("100", "write 100s or 100ms"), ("30 s", "write 30s"),
            ("30S", "write 30s"), ("5min", "write 5m"), ("5 Minutes", "write 5m"), ("2 hrs", "write 2h"),
            ("1 day", "write 1d"), ("20 millis", "write 20ms"),
        ],
    )
    func nearDurations(_ text: String, _ hint: String) {
        let reading = ManifestParser.parse(manifestOfService("build_timeout: \(text)"))
        #expect(reading.diagnostics.map(\.hint) == [hint])
    }

    @Test(
        "that is a size has one number and one binary unit",
        arguments: [
            ("512M", 512 << 20), ("512MiB", 512 << 20), ("1G", 1 << 30), ("2GiB", 2 << 30),
            ("65536K", 64 << 20),
            ("999999999G", 999_999_999 << 30),
        ] as [(String, Int64)],
    )
    func sizes(_ text: String, _ bytes: Int64) throws {
        let manifest = try manifest(manifestOfService("limits: { memory: \(text) }"))
        #expect(manifest.services.first?.limits.memory == ByteCount(bytes))
    }

    @Test(
        "that is nearly a size is spelled out",
        arguments: [
            ("512", "write 512M"), ("1073741824", "write 1G"), ("536870912", "write 512M"),
            ("512 MB", "write 512M"),
            ("2gb", "write 2G"), ("100k", "write 100K"), ("512m", "write 512M"),
        ],
    )
    func nearSizes(_ text: String, _ hint: String) {
        let reading = ManifestParser.parse(manifestOfService("limits: { memory: \(text) }"))
        #expect(reading.diagnostics.map(\.hint) == [hint])
    }

    @Test(
        "that is a share is a percentage or a number below one",
        arguments: [
            ("1%", 0.01), ("0.5%", 0.005), ("0%", 0), ("100%", 1), ("0.01", 0.01), ("0", 0),
            ("0.999", 0.999),
        ],
    )
    func shares(_ text: String, _ share: Double) throws {
        let environment = try manifest(manifestOfEnvironment("stability: { max_error_rate: \(text) }"))
            .environments.first
        #expect(environment?.stability.maxErrorRate == share)
    }

    @Test("that is a truth value is true or false and nothing else", arguments: [true, false])
    func truth(_ value: Bool) throws {
        let environment = try manifest(manifestOfEnvironment("approval: \(value)")).environments.first
        #expect(environment?.approval == ApprovalManifest(required: value))
    }

    @Test("that is a folder loses what says nothing", arguments: ["./web", "web/", "web//", "././web/."])
    func folders(_ text: String) throws {
        #expect(try manifest(manifestOfService("path: \(text)")).services.first?.path == "web")
    }

    @Test("that is the root folder is a point", arguments: [".", "./", "././"])
    func rootFolder(_ text: String) throws {
        #expect(try manifest(manifestOfService("path: \(text)")).services.first?.path == ".")
    }
}
