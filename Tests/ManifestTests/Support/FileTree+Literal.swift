// SPDX-License-Identifier: Apache-2.0
import Manifest

extension FileTree {
    /// A repository that exists only here.
    init(_ files: [String: String]) {
        self.init(paths: Array(files.keys)) { files[$0] }
    }
}

extension ProjectDetection {
    /// What is recognised in files that exist only here.
    init(_ files: [String: String]) {
        self.init(of: FileTree(files))
    }

    /// The command that the only service runs; nil when it is not the only one, or has no command.
    var onlyCommand: String? {
        guard services.count == 1, case .command(let command)? = services.first?.program else { return nil }
        return command
    }
}
