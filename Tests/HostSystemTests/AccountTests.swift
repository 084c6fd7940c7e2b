// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem
import Testing

@Suite("An environment's account", .timeLimit(.minutes(10)))
struct AccountTests {
    @Test(
        "has a name that people can read when it fits",
        arguments: [
            ("tracehub", "production", AccountName.Purpose.services, "opshub-tracehub_production"),
            ("tracehub", "staging", .data, "opshub-tracehub_staging_data"),
            ("a", "b", .services, "opshub-a_b"),
        ],
    )
    func readable(
        _ project: String,
        _ environment: String,
        _ purpose: AccountName.Purpose,
        _ expected: String,
    ) {
        #expect(name(project, environment, purpose).rawValue == expected)
    }

    @Test("has a name of at most 31 characters otherwise, and no two have the same")
    func long() {
        let parts = [
            "a", "a-b", "b", "b-a", "a-b-a", String(repeating: "x", count: 40),
            String(repeating: "x", count: 39),
        ]
        var names: Set<String> = []
        var count = 0
        for project in parts {
            for environment in parts + ["y-data", "y"] {
                for purpose in AccountName.Purpose.allCases {
                    let name = name(project, environment, purpose)
                    #expect(name.rawValue.utf8.count <= 31)
                    names.insert(name.rawValue)
                    count += 1
                }
            }
        }
        #expect(names.count == count)
    }

    @Test("is one's own for an ordinary user", .enabled(if: !SystemUser.current.isRoot))
    func ordinary() async throws {
        #expect(try await UnprivilegedAccount().ensure(name("a", "b", .services)) == .current)
    }

    @Test("is made once, has no shell, and is removed", .enabled(if: SystemUser.current.isRoot))
    func made() async throws {
        try await Scratch.use { scratch in
            let accounts = UnprivilegedAccount()
            let name = name("t\(UInt32.random(in: 0...UInt32.max))", "test", .services)
            scratch.atEnd { try await accounts.remove(name) }
            async let first = accounts.ensure(name)
            async let second = accounts.ensure(name)
            let user = try await first
            #expect(try await second == user)
            #expect(!user.isRoot)
            #expect(user.name == name.rawValue)
            let entry = try await ProgramRunner().run(Program("getent", ["passwd", name.rawValue])).output
            #expect(entry.hasSuffix(":\(name.owner):/nonexistent:/usr/sbin/nologin\n"))
            try await accounts.remove(name)
            #expect(SystemUser.find(name: name.rawValue) == nil)
            try await accounts.remove(name)
        }
    }

    @Test("is refused when the name belongs to somebody else", .enabled(if: SystemUser.current.isRoot))
    func foreign() async throws {
        try await Scratch.use { scratch in
            let accounts = UnprivilegedAccount()
            let name = name("t\(UInt32.random(in: 0...UInt32.max))", "test", .services)
            scratch.atEnd { try await accounts.remove(name) }
            _ = try await accounts.ensure(name)
            scratch.atEnd { try await rename(name, comment: name.owner) }
            try await rename(name, comment: "A person")
            let failure = await #expect(throws: Failure.self) { try await accounts.ensure(name) }
            #expect(failure?.code == .conflict)
            await #expect(throws: Failure.self) { try await accounts.remove(name) }
        }
    }

    private func rename(_ name: AccountName, comment: String) async throws {
        var result = try await ProgramRunner()
            .run(Program("usermod", ["--comment", comment, name.rawValue]))
        try await eventually("the account files are not locked") {
            if !result.isSuccess {
                result = try await ProgramRunner()
                    .run(Program("usermod", ["--comment", comment, name.rawValue]))
            }
            return result.isSuccess
        }
    }

    private func name(
        _ project: String,
        _ environment: String,
        _ purpose: AccountName.Purpose,
    ) -> AccountName {
        AccountName(EnvironmentKey(ProjectName(project), EnvironmentName(environment)), purpose)
    }
}
