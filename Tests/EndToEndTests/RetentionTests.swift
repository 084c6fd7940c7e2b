// SPDX-License-Identifier: Apache-2.0
import API
import HostSystem
import Testing

/// Builds that nobody needs any more go from the disk.
@Suite("Old builds", .tags(.slow))
struct RetentionTests {
    @Test(
        "go after a deployment, and a rollback to one of them says how to build it anew",
        .timeLimit(.minutes(10)),
    )
    func removed() async throws {
        try await Stage.with(.init(window: "1s", releases: "{ keep_last: 1 }")) { stage in
            for version in 1...3 {
                let push = try await stage.push(behaviour: #"{ "version": "\#(version)" }"#)
                try #require(push.isSuccess, "\(push.errors)")
            }
            let folder = "\(stage.home)/projects/app/production/releases"
            try await stage.waitUntil("the first one is gone") {
                try Folder.names(in: folder) == ["r2", "r3"]
            }
            let dry = try await stage.opshub("prune", "--dry-run").output
            #expect(dry.contains("0 releases go"), "\(dry)")
            let stays = dry.split(separator: "\n").filter { $0.contains(" stays ") }
            #expect(stays.count == 2 && stays[0].contains("serving") && stays[1].contains("warm"), "\(dry)")
            #expect(try await stage.opshub("prune").output == "Nothing to remove.\n")

            let releases = try await stage.json([ReleaseView].self, "release", "list", "-e", "production")
            #expect(releases.map(\.state) == ["serving", "warm", "retired"])
            let back = try await stage.opshub("rollback", "-e", "production", "--to", "r1")
            #expect(back.ending == .exited(4), "\(back.errors)")
            let commit = releases[2].commit.prefix(7)
            let hint = "hint: build it anew: opshub deploy -e production --ref \(commit)"
            #expect(back.errors.contains(hint), "\(back.errors)")
            let anew = try await stage.opshub("deploy", "-e", "production", "--ref", String(commit))
            #expect(anew.isSuccess, "\(anew.errors)")
            #expect(try await stage.version() == "1")
        }
    }
}
