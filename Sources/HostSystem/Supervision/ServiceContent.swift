// SPDX-License-Identifier: Apache-2.0
import Core

/// Everything that goes into a service folder, as values.
struct ServiceContent: Hashable {
    /// A script and where it goes.
    struct Script: Hashable {
        /// Below the service folder.
        let path: String
        /// Its text.
        let text: String

        /// The folder that must exist for it, below the service folder; nil for the service folder itself.
        var folder: String? {
            path.contains("/") ? String(path.prefix { $0 != "/" }) : nil
        }
    }

    /// What the folder is made from.
    let record: ServiceRecord
    /// Its variables, by name.
    let variables: [VariableFile]
    /// Names of those whose change alone does not count.
    let ambient: Set<String>
    /// Its scripts, without the one that all have.
    let scripts: [Script]
    /// svlogd's configuration; empty without a log.
    let logConfiguration: String

    /// Makes a folder's content; throws `invalid` for a variable that can't be one, `missing-program` without runit.
    init(_ program: SupervisedProgram) throws(Failure) {
        let variables = try Self.variables(of: program)
        let scripts = ServiceScripts(
            program: program,
            chpst: try ExecutablePath.find("chpst"),
            svlogd: try ExecutablePath.find("svlogd"),
            guarded: variables.filter(\.hasGuard).map(\.name),
            changesUser: program.user.map { $0.userID != SystemUser.current.userID } ?? false,
        )
        record = ServiceRecord(program)
        self.variables = variables
        ambient = Set(program.ambient.keys).subtracting(program.variables.keys)
        self.scripts =
            [Script(path: "run", text: scripts.run)]
            + (scripts.terminate.map { [Script(path: "control/t", text: $0)] } ?? [])
            + (program.log.map { [Script(path: "log/run", text: scripts.logRun($0))] } ?? [])
        logConfiguration = program.log.map(scripts.logConfiguration) ?? ""
    }

    private static func variables(of program: SupervisedProgram) throws(Failure) -> [VariableFile] {
        var all = program.ambient.mapValues { Secret($0) }
        all.merge(program.variables) { $1 }
        all[ServiceScripts.mark] = Secret(program.folder)
        var files: [VariableFile] = []
        for (name, value) in all.sorted(by: { $0.key < $1.key }) {
            files.append(try VariableFile(name, value))
        }
        return files
    }
}
