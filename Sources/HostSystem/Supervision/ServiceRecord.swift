// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials

/// What a service folder was made from, without its variables: kept as `program.json`, written last.
///
/// What runs is compared by this and not by the text of its scripts, so that a newer OpsHub that writes them otherwise
/// restarts nothing.
struct ServiceRecord: Hashable, Codable {
    /// The program and its arguments.
    var command: [String]
    /// Where it runs.
    var directory: String
    /// Who runs it.
    var userID: UInt32
    /// With which group.
    var groupID: UInt32
    /// What it may use.
    var limits: SupervisedProgram.Limits
    /// Where its output goes.
    var log: SupervisedProgram.Log?
    /// How it is asked to end.
    var stop: SupervisedProgram.Stop

    /// What a program's folder is made from.
    init(_ program: SupervisedProgram) {
        command = program.command
        directory = program.directory
        userID = program.user?.userID ?? SystemUser.current.userID
        groupID = program.user?.groupID ?? SystemUser.current.groupID
        limits = program.limits
        log = program.log
        log?.writer = nil
        stop = program.stop
    }

    /// Reads the file's bytes; nil when they are none of ours, as after a crash.
    init?(json: [UInt8]) {
        // A record that can't be read belongs to no program that could be left as it is.
        guard let record = try? JSONDecoder().decode(Self.self, from: Data(json)) else { return nil }
        self = record
    }

    /// The file's bytes.
    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        return Array(try encoder.encode(self))
    }
}
