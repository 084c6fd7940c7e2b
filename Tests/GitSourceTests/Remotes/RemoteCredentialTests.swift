// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import HostSystem
import Testing

@testable import GitSource

@Suite("What is shown to a remote", .timeLimit(.minutes(10)))
struct RemoteCredentialTests {
    private let project = ProjectName("app")

    @Test("over HTTPS is a token, for that remote alone, and in no argument")
    func token() async throws {
        try await with { repositories, layout in
            let url = "https://git.example.com/acme/app.git"
            try await repositories.follow(SourceRemote(url: url), credential: Secret("t0ken"), as: project)
            let folder = RemoteFolder(path: layout.remote(of: project))
            let variables = try folder.variables(for: RemoteURL(url))
            #expect(variables["GIT_CONFIG_KEY_0"] == "http.\(url).extraHeader")
            let expected = Data("x-access-token:t0ken".utf8).base64EncodedString()
            #expect(variables["GIT_CONFIG_VALUE_0"] == "Authorization: Basic \(expected)")
            for file in try Folder.names(in: folder.path) {
                let place = "\(folder.path)/\(file)"
                let listing = try await ProgramRunner().run(Program("stat", ["-c", "%a", place]))
                #expect(listing.output == "600\n", "\(file)")
            }
            let own = try await repositories.credential(of: project)
            #expect(own == Secret("t0ken"))
            // Said again without one, the token stays; once nothing is followed, it goes.
            try await repositories.follow(SourceRemote(url: url), credential: nil, as: project)
            #expect(try folder.variables(for: RemoteURL(url))["GIT_CONFIG_COUNT"] == "1")
            try await repositories.unfollow(project)
            #expect(try folder.variables(for: RemoteURL(url))["GIT_CONFIG_COUNT"] == nil)
            // Nobody else gets it.
            try await repositories.follow(SourceRemote(url: url), credential: Secret("t0ken"), as: project)
            let other = "https://other.example.com/app.git"
            try await repositories.follow(SourceRemote(url: other), credential: nil, as: project)
            let none = try await repositories.credential(of: project)
            #expect(none == nil)
        }
    }

    @Test(
        "is refused where others could read it, or it means nothing",
        arguments: [
            ("http://git.example.com/app.git", "t0ken"), ("git@git.example.com:app.git", "t0ken"),
            ("/srv/git/app.git", "t0ken"), ("https://git.example.com/app.git", ""),
            ("https://git.example.com/app.git", "two words"), ("https://git.example.com/app.git", "a\nb"),
        ],
    )
    func refused(_ url: String, _ token: String) async throws {
        try await with { repositories, layout in
            let failure = await #expect(throws: Failure.self) {
                try await repositories.follow(SourceRemote(url: url), credential: Secret(token), as: project)
            }
            #expect(failure?.code == .invalid)
            let remote = try await repositories.remote(of: project)
            #expect(remote == nil)
        }
    }

    @Test("over SSH is a key that OpsHub made, and keeps for the next time")
    func key() async throws {
        try await with { repositories, layout in
            let remote = SourceRemote(url: "git@git.example.com:acme/app.git")
            let none = try await repositories.deployKey(of: project)
            #expect(none == nil)
            try await repositories.follow(remote, credential: nil, as: project)
            let made = try await repositories.deployKey(of: project)
            let key = try #require(made)
            #expect(key.hasPrefix("ssh-ed25519 ") && key.hasSuffix(" opshub-app"))
            let folder = RemoteFolder(path: layout.remote(of: project))
            let ssh = try #require(try folder.variables(for: RemoteURL(remote.url))["GIT_SSH_COMMAND"])
            for option in ["BatchMode=yes", "IdentitiesOnly=yes", "\(folder.path)/ssh_key", "known_hosts"] {
                #expect(ssh.contains(option))
            }
            try await repositories.unfollow(project)
            try await repositories.follow(remote, credential: nil, as: project)
            let again = try await repositories.deployKey(of: project)
            #expect(again == key)
        }
    }

    @Test("is asked for at a sensible pace", arguments: [0.0, 1, 100_000])
    func interval(_ seconds: Double) async throws {
        try await with { repositories, _ in
            let remote = SourceRemote(url: "/srv/git/app.git", interval: .seconds(seconds))
            let failure = await #expect(throws: Failure.self) {
                try await repositories.follow(remote, credential: nil, as: project)
            }
            #expect(failure?.code == .invalid)
        }
    }

    private func with(_ body: (GitRepositories, HomeLayout) async throws -> Void) async throws {
        try await TestRepository.use { test in try await body(test.repositories, test.layout) }
    }
}
