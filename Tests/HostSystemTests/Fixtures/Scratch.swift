// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem
import Synchronization
import Testing

/// A folder for one test, and what must be undone when the test ends, however it ends: last in, first out.
final class Scratch: Sendable {
    /// The folder; other accounts may pass through it.
    let path: String
    private let undoings = Mutex<[@Sendable () async throws -> Void]>([])

    private init() throws {
        path = "/tmp/opshub-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        try Folder.make(path, mode: 0o755)
    }

    /// Runs `body` with a scratch folder.
    static func use(_ body: (Scratch) async throws -> Void) async throws {
        let scratch = try Scratch()
        scratch.atEnd { [path = scratch.path] in try Folder.remove(path) }
        do {
            try await body(scratch)
        } catch {
            await scratch.end()
            throw error
        }
        await scratch.end()
    }

    /// Remembers what to undo.
    func atEnd(_ undo: @Sendable @escaping () async throws -> Void) {
        undoings.withLock { $0.append(undo) }
    }

    /// Makes a program to supervise, which is stopped when the test ends.
    func program(
        _ command: [String],
        name: String = "service",
        edit: (inout SupervisedProgram) -> Void = { _ in },
    ) -> SupervisedProgram {
        var program = SupervisedProgram(folder: "\(path)/\(name)", command: command, directory: path)
        program.stop.timeout = .seconds(5)
        edit(&program)
        atEnd { [folder = program.folder] in try await Supervisor().stop(folder, timeout: .milliseconds(100))
        }
        return program
    }

    /// A folder that the account may write to.
    func folder(_ name: String, for user: SystemUser) throws -> String {
        try Folder.make("\(path)/\(name)")
        try Folder.setOwner(userID: user.userID, groupID: user.groupID, of: "\(path)/\(name)")
        return "\(path)/\(name)"
    }

    private func end() async {
        for undo in undoings.withLock({ $0 }).reversed() {
            do { try await undo() } catch { Issue.record(error) }
        }
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

/// Waits for a file to have a whole line, and returns its text without the last line break.
func content(of path: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
    var text = ""
    try await eventually("\(path) is written", sourceLocation: sourceLocation) {
        text = try FileContent.text(of: path) ?? ""
        return text.hasSuffix("\n")
    }
    return String(text.dropLast())
}

extension Supervisor {
    /// The process of a program that runs.
    func process(of program: SupervisedProgram) throws -> Int32 {
        try #require(try status(of: program.folder)?.process)
    }
}

/// Whether a process lives.
func isAlive(_ process: Int32) -> Bool {
    ProcessTable.entry(process).map { !$0.isZombie } ?? false
}

/// The account that tests use for what must not be root.
let nobody = SystemUser.find(name: "nobody") ?? .current
