// SPDX-License-Identifier: Apache-2.0
import API
import HostSystem
import Testing

/// A project that lives in a Git remote: nobody pushes to OpsHub, and nobody tells it anything.
@Suite("A project in a remote", .tags(.slow))
struct RemoteTests {
    @Test(
        "is deployed as its branch goes on, and stays where it is when the branch is rewritten or the remote is away",
        .timeLimit(.minutes(10)),
    )
    func followed() async throws {
        try await Stage.with(.init(window: "1s")) { stage in
            let remote = "\(stage.root)/remote.git"
            _ = try await stage.runner.run(Program("git", ["init", "-q", "--bare", "-b", "main", remote]))
            try await commit(stage, remote, version: 1)
            let added = try await stage.opshub("project", "add", remote, "--name", "app", "--interval", "5")
            #expect(added.isSuccess, "\(added.errors)")
            #expect(added.output.contains("follows \(remote)"), "\(added.output)")
            try await stage.waitUntil("release 1 serves") { try await stage.version() == "1" }

            try await commit(stage, remote, version: 2)
            try await stage.waitUntil("release 2 serves") { try await stage.version() == "2" }
            try await stage.waitUntil("the verdict is there") {
                try await stage.opshub("status").output.contains("version 2, which serves")
            }

            let push = try await stage.push([:], wait: false)
            #expect(push.errors.contains("app follows \(remote), and is not pushed here"), "\(push.errors)")
            try await rewrite(stage, remote)
            try await forget(stage, remote)
        }
    }

    /// Another history than the one that serves is not deployed until somebody says so.
    private func rewrite(_ stage: Stage, _ remote: String) async throws {
        try await stage.git("reset", "-q", "--hard", "HEAD~2")
        try await commit(stage, remote, version: 3)
        try await stage.waitUntil("the rewriting is told") {
            try await stage.opshub("status").output.contains("main was rewritten to")
        }
        #expect(try await stage.version() == "2")
        let accepted = try await stage.opshub("project", "sync", "app", "--accept", "main")
        #expect(accepted.isSuccess, "\(accepted.errors)")
        try await stage.waitUntil("release 3 serves") { try await stage.version() == "3" }
    }

    private func forget(_ stage: Stage, _ remote: String) async throws {
        _ = try await stage.runner.run(Program("mv", [remote, "\(remote).away"]))
        let missing = try await stage.opshub("project", "sync", "app")
        #expect(!missing.isSuccess)
        #expect(missing.errors.contains("\(remote) is no Git repository"), "\(missing.errors)")
        let status = try await stage.opshub("status").output
        #expect(status.contains("PROBLEM  nothing was heard of the remote since"), "\(status)")
        #expect(try await stage.version() == "3")
        // A control plane that starts meanwhile looks again by itself.
        stage.killControlPlane()
        try await stage.serve()
        _ = try await stage.runner.run(Program("mv", ["\(remote).away", remote]))
        try await commit(stage, remote, version: 4)
        try await stage.waitUntil("release 4 serves") { try await stage.version() == "4" }
        let detached = try await stage.opshub("project", "detach", "app")
        #expect(detached.output.contains("app   is pushed to OpsHub"), "\(detached.output)")
    }

    private func commit(_ stage: Stage, _ remote: String, version: Int) async throws {
        try DurableFile.write(#"{ "version": "\#(version)" }"#, to: "\(stage.repository)/behaviour.json")
        try await stage.git("add", "-A")
        try await stage.git("commit", "-q", "--allow-empty", "-m", "version \(version)")
        try await stage.git("push", "-q", "--force", remote, "HEAD:main")
    }
}
