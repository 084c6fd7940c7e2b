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

    /// There while folders are being exchanged.
    var exchanging: String { "\(closed)/exchanging" }

    /// Where the files are now; nil while they are being exchanged, and when somebody has removed them.
    ///
    /// While they are shut, whatever else is called so is none of them.
    var live: String? { [shut, files].first { Folder.exists($0) } }

    /// Copies of OpsHub's own that lie beside it, in order.
    func copies() throws(Failure) -> [String] {
        try Folder.names(in: closed).filter { ScratchDatabase.isOwn($0) }
    }
}
