// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc

/// A service folder on disk (runsv(8)).
///
/// Its files are written without fsync: all of them can be made again, and are compared with what they should be before
/// anything is started from them. Nothing is started while they are being written, so no order between them matters but
/// that the record comes last.
struct ServiceFolder: Hashable {
    /// The folder.
    let path: String

    /// Whether a program was ever put here.
    var isMade: Bool { Folder.exists("\(path)/supervise") || Folder.exists("\(path)/env") }

    /// What it was made from; nil when it is half-written or was never made.
    func record() throws(Failure) -> ServiceRecord? {
        try FileContent.bytes(of: "\(path)/program.json").flatMap { ServiceRecord(json: $0) }
    }

    /// How often the program ended by itself.
    func exits() throws(Failure) -> ExitRecord {
        ExitRecord(text: try FileContent.text(of: "\(path)/exits"))
    }

    /// What the program started, wherever it is now.
    func strays() throws(Failure) -> StrayProcesses {
        let mark = StrayProcesses.Mark(ServiceScripts.mark, path)
        let words = try FileContent.text(of: "\(path)/session")?.split(whereSeparator: \.isWhitespace) ?? []
        // Boot, process id, and then `stat` from its third field, whose twenty-second is the start.
        guard words.count > 21, words[0] == ProcessTable.boot, let leader = Int32(words[1]),
            let start = UInt64(words[21])
        else { return StrayProcesses(mark: mark) }
        return StrayProcesses(session: leader, leaderStart: start, mark: mark)
    }

    /// Whether the folder is made from exactly this.
    func holds(_ content: ServiceContent) throws(Failure) -> Bool {
        guard try record() == content.record, try Folder.names(in: path).contains("finish") else {
            return false
        }
        return try differingVariables(from: content).isEmpty
    }

    /// Names of variables that are missing here, or superfluous, or have another value, in order.
    func differingVariables(from content: ServiceContent) throws(Failure) -> [String] {
        let there = try Folder.names(in: "\(path)/env").filter { !content.ambient.contains($0) }
        let wanted = content.variables.filter { !content.ambient.contains($0.name) }
        var differing = Set(there).subtracting(wanted.map(\.name))
        for file in wanted where try FileContent.bytes(of: "\(path)/env/\(file.name)") != file.content {
            differing.insert(file.name)
        }
        return differing.sorted()
    }

    /// Makes the folder anew.
    ///
    /// Only while nothing is supervised in it; what an earlier boot left in `supervise` goes.
    func write(_ content: ServiceContent) throws {
        try clear()
        try Folder.make(path, mode: 0o700)
        try Folder.make("\(path)/env", mode: 0o700)
        for file in content.variables {
            try write(file.content, to: "env/\(file.name)", mode: 0o600)
        }
        try writeFinish()
        for script in content.scripts {
            if let folder = script.folder { try Folder.make("\(path)/\(folder)", mode: 0o700) }
            try write(Array(script.text.utf8), to: script.path, mode: 0o700)
        }
        if let log = content.record.log {
            try Folder.make(log.folder, mode: 0o700)
            let configuration = Array(content.logConfiguration.utf8)
            try FileContent.write(configuration, to: "\(log.folder)/config", mode: 0o600)
        }
        try write(content.record.json(), to: "program.json", mode: 0o600)
    }

    /// Writes the script that counts endings; without it the folder is not whole.
    func writeFinish() throws(Failure) {
        try write(Array(ServiceScripts.finish.utf8), to: "finish", mode: 0o700)
    }

    /// Removes everything but the log's files: variables and scripts go, what was said stays.
    func clear() throws(Failure) {
        // The record goes first, so that a folder cleared half-way is none that could be left as it is.
        for name in ["program.json", "env", "control", "run", "finish", "session", "exits", "supervise"] {
            try Folder.remove("\(path)/\(name)")
        }
        for name in ["run", "supervise"] { try Folder.remove("\(path)/log/\(name)") }
    }

    private func write(_ bytes: [UInt8], to name: String, mode: UInt32) throws(Failure) {
        try FileContent.write(bytes, to: "\(path)/\(name)", mode: mode)
    }
}
