// SPDX-License-Identifier: Apache-2.0
import API
import Foundation
import Testing

@testable import Commands

@Suite("The status of an environment")
struct StatusTextTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("says where it should be, where it is, and what somebody has changed")
    func everything() {
        var view = Self.view
        view.desired = DesiredView(
            branch: "main",
            commit: "89abcdef",
            subject: "Say more",
            deployment: "d3",
            state: "failed",
        )
        view.drift = [
            DriftView(kind: "files", text: "app.py was changed", since: Self.now - 12, heals: false),
            DriftView(kind: "services", text: "web.1 is stopped", since: Self.now - 3, heals: true),
        ]
        view.problems = ["web.2 keeps ending: exit status 3"]
        #expect(
            StatusText.lines(view, now: Self.now) == """
                shop/production   http://shop.test
                  serving  r2 0123456 Say hello, for 1m 00s, 100% blue
                  desired  main is at 89abcde Say more, which does NOT serve: d3 failed
                  running  web.1 running :20001
                  DRIFT    app.py was changed (found 12.0s ago; deploy again, or say heal: [files] in opshub.yml)
                  DRIFT    web.1 is stopped (found 3.0s ago; will be put right)
                  PROBLEM  web.2 keeps ending: exit status 3
                """
        )
    }

    @Test("says that the newest commit serves, or was never deployed here")
    func desired() {
        var view = Self.view
        view.desired = DesiredView(branch: "main", commit: "0123456789", subject: "Say hello")
        #expect(
            StatusText.lines(view, now: Self.now)
                .contains("desired  main is at 0123456 Say hello, which serves\n")
        )
        view.desired = DesiredView(branch: "main", commit: "89abcdef", subject: "Say more")
        #expect(
            StatusText.lines(view, now: Self.now).contains("which does NOT serve: it was not deployed here")
        )
        view.serving = nil
        #expect(StatusText.lines(view, now: Self.now).contains("serving  nothing yet"))
    }

    private static var view: EnvironmentView {
        EnvironmentView(
            project: "shop",
            environment: "production",
            addresses: ["http://shop.test"],
            serving: ServingView(
                release: "r2",
                slot: "blue",
                commit: "0123456789",
                subject: "Say hello",
                since: now - 60,
            ),
            warm: nil,
            warmUntil: nil,
            traffic: "100% blue",
            instances: [
                InstanceView(
                    service: "web",
                    replica: 1,
                    slot: "blue",
                    release: "r2",
                    port: 20_001,
                    state: "running",
                    exits: 0,
                )
            ],
            deployment: nil,
            problems: [],
        )
    }
}

@Suite("A project's text")
struct ProjectTextTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("says where commits come from, where branches go, and what is in the way")
    func everything() {
        let view = ProjectView(
            name: "shop",
            remote: "git@git.example.com:acme/shop.git",
            interval: 30,
            askedAt: Self.now,
            answeredAt: Self.now - 5,
            branches: [
                .init(branch: "main", commit: "0123456789", environments: ["production"]),
                .init(branch: "feature", commit: "89abcdef00", environments: []),
            ],
            problems: ["main was rewritten"],
        )
        #expect(
            ProjectText.lines(view, now: Self.now) == """
                shop   follows git@git.example.com:acme/shop.git
                  looked   every 30.0s, heard 5.0s ago
                  branch   0123456 main → production
                  branch   89abcde feature
                  PROBLEM  main was rewritten
                """
        )
        #expect(ProjectText.lines(ProjectView(name: "shop"), now: Self.now) == "shop   is pushed to OpsHub")
    }

    @Test(
        "gets its name from the remote's address",
        arguments: [
            ("git@github.com:acme/TraceHub.git", "tracehub"), ("https://git.example.com/a/b/app", "app"),
            ("/srv/git/shop.git/", "shop"), ("git@host:app.git", "app"),
        ],
    )
    func name(_ url: String, _ name: String) {
        #expect(ProjectCommand.Add.name(in: url) == name)
    }
}
