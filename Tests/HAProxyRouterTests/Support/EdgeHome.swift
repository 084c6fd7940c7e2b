// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Glibc
import HostSystem
import Synchronization
import Testing

@testable import HAProxyRouter

/// An edge of its own for one test, and what must be undone when the test ends, however it ends: last in, first out.
final class EdgeHome: Sendable {
    let settings: EdgeSettings
    let router: HAProxyRouter
    private let undoings = Mutex<[@Sendable () async throws -> Void]>([])
    /// More edges at a time would only wait for each other's processes.
    private static let seats = Seats(4)

    private init() throws {
        let folder = "/tmp/opshub-edge-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        settings = EdgeSettings(folder: folder, port: try FreePort.next(), account: Self.account)
        router = HAProxyRouter(settings: settings)
        try Folder.make(folder, mode: 0o755)
    }

    /// Runs `body` with an edge that was not started yet.
    static func use(_ body: (EdgeHome) async throws -> Void) async throws {
        await seats.take()
        let home: EdgeHome
        do {
            home = try EdgeHome()
        } catch {
            await seats.leave()
            throw error
        }
        home.atEnd { await seats.leave() }
        home.atEnd { [folder = home.settings.folder] in try Folder.remove(folder) }
        home.atEnd { [service = home.settings.service] in
            try await Supervisor().stop(service, timeout: .milliseconds(200))
        }
        do {
            try await body(home)
        } catch {
            await home.end()
            throw error
        }
        await home.end()
    }

    /// Runs `body` with an edge that serves release r1 of shop/production from the blue slot, and nothing else.
    static func serving(_ body: (EdgeHome, _ blue: Origin) async throws -> Void) async throws {
        try await use { edge in
            try await edge.router.start()
            let origin = try await edge.origin("r1")
            try await edge.router.place(Sample.placement(.blue, "r1", ports: [origin.port]))
            try await edge.router.direct(.all(.blue), of: Sample.production)
            try await body(edge, origin)
        }
    }

    /// Remembers what to undo.
    func atEnd(_ undo: @Sendable @escaping () async throws -> Void) {
        undoings.withLock { $0.append(undo) }
    }

    /// Starts an application whose answers say this version.
    func origin(_ version: String, _ behaviour: [String: Int] = [:]) async throws -> Origin {
        try await Origin.start(version, behaviour, in: self)
    }

    /// Asks at the public address.
    func ask(
        _ path: String = "/",
        host: String? = "shop.test",
        headers: [(String, String)] = [],
    ) async throws -> EdgeAnswer {
        try await EdgeClient(port: settings.port).ask(path, host: host, headers: headers)
    }

    /// The supervised process: HAProxy's master.
    func master() throws -> Int32 {
        try #require(try Supervisor().status(of: settings.service)?.process)
    }

    /// The master's children.
    func workers() throws -> [Int32] {
        let master = try master()
        return ProcessTable.all().filter { $0.parent == master && !$0.isZombie }.map(\.id)
    }

    /// Every file that says what the edge does.
    func files() throws -> [String: [UInt8]] {
        let names = try Folder.names(in: settings.folder)
            .filter { name in
                [".cfg", ".map", ".json", ".shape"].contains { name.hasSuffix($0) }
            }
        var files: [String: [UInt8]] = [:]
        for name in names { files[name] = try FileContent.bytes(of: "\(settings.folder)/\(name)") }
        return files
    }

    private func end() async {
        for undo in undoings.withLock({ $0 }).reversed() {
            do { try await undo() } catch { Issue.record(error) }
        }
    }

    /// Who HAProxy becomes after it has bound its ports, when the tests run as root.
    private static var account: EdgeSettings.Account? {
        guard SystemUser.current.isRoot, SystemUser.find(name: "haproxy") != nil else { return nil }
        return EdgeSettings.Account(user: "haproxy", group: "haproxy")
    }
}
