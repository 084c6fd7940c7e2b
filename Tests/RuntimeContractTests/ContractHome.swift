// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Glibc
import HostSystem
import Manifest
import Synchronization
import Testing

/// A home for one test, with instances of one kind.
struct ContractHome {
    let kind: RuntimeKind
    let layout: HomeLayout
    let key: EnvironmentKey
    let runtime: any ServiceRuntime
    private let image: ImageID?

    /// Runs `body` with a home, and stops all that ran in it.
    static func use(_ kind: RuntimeKind, _ body: (ContractHome) async throws -> Void) async throws {
        // Below a folder that other accounts may pass.
        let layout = HomeLayout(root: "/var/tmp/opshub-contract-\(UInt32.random(in: 0...UInt32.max))")
        try Folder.make(layout.root)
        let key = EnvironmentKey(ProjectName("c\(getpid())"), EnvironmentName("test"))
        let home = ContractHome(
            kind: kind,
            layout: layout,
            key: key,
            runtime: try await kind.runtime(layout),
            image: try await kind.image(),
        )
        do {
            try await body(home)
        } catch {
            try await home.end()
            throw error
        }
        try await home.end()
    }

    private func end() async throws {
        for instance in try await runtime.instances(of: key) { try await runtime.stop(instance.id) }
        try Folder.remove(layout.root)
    }

    /// An instance of a line for a shell, on a free port.
    func instance(
        _ line: String = ContractHome.server,
        service: String = "web",
        slot: Slot = .blue,
        replica: Int = 1,
        release: String = "r1",
        edit: (inout InstanceSpecification) -> Void = { _ in },
    ) throws -> InstanceSpecification {
        let folder = layout.release(release, of: key)
        try Folder.make(folder)
        let start = Int.random(in: 20_000...29_900)
        var instance = InstanceSpecification(
            id: InstanceID(key, slot, ServiceName(service), replica),
            release: ReleaseID(release),
            program: kind.program(line),
            image: image,
            directory: folder,
            port: try #require(try LocalPorts.allocate(1, from: start...(start + 99)).first),
            variables: [:],
            limits: LimitsManifest(memory: .mebibytes(256), stopTimeout: .seconds(2)),
        )
        edit(&instance)
        return instance
    }

    /// Answers every GET of `/` with its variables.
    static let server = #"""
        root=$(mktemp -d); env >$root/index.html; echo listening
        exec busybox httpd -f -p ${HOST:+$HOST:}$PORT -h $root
        """#

    /// The lines that an instance has written.
    func lines(_ id: InstanceID, limit: Int = 100) async throws -> [String] {
        try await runtime.log(of: id, after: nil, limit: limit).lines.map(\.text)
    }

    /// What an instance of ``server`` answers, by name.
    func answer(_ instance: InstanceSpecification) async throws -> [String: String] {
        var result = ""
        try await eventually("it answers") {
            let attempt = try await ProgramRunner()
                .run(Program("curl", ["-sf", "--max-time", "5", "http://127.0.0.1:\(instance.port)/"]))
            result = attempt.output
            return attempt.isSuccess
        }
        let pairs = result.split(separator: "\n")
            .map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        return Dictionary(pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { $1 }
    }

    /// The process of an instance that runs.
    func process(_ id: InstanceID) async throws -> Int32 {
        var found: Int32 = 0
        try await eventually("\(id) runs") {
            guard case .running(let process) = try await runtime.status(of: id)?.state else { return false }
            found = process
            return true
        }
        return found
    }
}

/// Waits for something that must become true, and says so when it did not.
func eventually(
    _ what: Comment,
    within limit: Duration = .seconds(60),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool,
) async throws {
    let isTrue = try await Patience.wait(limit, until: condition)
    #expect(isTrue, what, sourceLocation: sourceLocation)
}

/// Whether a process lives.
func isAlive(_ process: Int32) -> Bool { ProcessTable.entry(process).map { !$0.isZombie } ?? false }
