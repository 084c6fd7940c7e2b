// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// Where the parts of a folder among the accessories lie.
struct FolderPlace: Hashable {
    /// The accessory's folder.
    let path: String

    /// The place of an accessory.
    init(_ accessory: AccessoryName, of environment: EnvironmentKey, in layout: HomeLayout) {
        path = layout.accessory(accessory, of: environment)
    }

    /// The place of what is backed up.
    init(_ folder: DatabaseTarget, in layout: HomeLayout) {
        self.init(folder.accessory, of: folder.environment, in: layout)
    }

    /// What services see; belongs to their account.
    var files: String { "\(path)/files" }
    /// Where only OpsHub gets in, also by the name of what lies there.
    var closed: String { "\(path)/closed" }
    /// The files while nobody shall get into them.
    var shut: String { "\(closed)/files" }
    /// What was not made completely.
    var unfinished: String { "\(path)/files.partial" }
    /// Says that it was made.
    var record: String { "\(path)/folder.json" }
    /// Held by who works on it.
    var lock: String { "\(path)/lock" }
    /// What is unpacked to prove a backup.
    var drills: String { "\(path)/drills" }

    /// A copy of OpsHub's own.
    func copy(_ name: String) -> String { "\(closed)/\(name)" }

    /// Where the files are now; nil while they are being exchanged, and when somebody has removed them.
    var live: String? { [files, shut].first { Folder.exists($0) } }

    /// Copies of OpsHub's own that lie beside it, in order.
    func copies() throws(Failure) -> [String] {
        try Folder.names(in: closed).filter { ScratchDatabase.isOwn($0) }
    }

    /// Removes a folder of files, as the account that they belong to: whatever that account does meanwhile, nothing else goes.
    ///
    /// Idempotent.
    static func remove(_ path: String, as user: SystemUser) async throws {
        guard Folder.exists(path) else { return }
        // It may have been made and not been given to its account yet.
        try Folder.setOwner(userID: user.userID, groupID: user.groupID, of: path)
        for command in [["chmod", "-R", "u+rwX", "."], ["find", ".", "-mindepth", "1", "-delete"]] {
            let program = Program(
                command[0],
                Array(command.dropFirst()),
                in: path,
                as: user,
                deadline: .seconds(3600),
            )
            _ = try await ProgramRunner().run(program).checked(doing: "removing \(path)")
        }
        try Folder.removeEmpty(path)
    }
}
