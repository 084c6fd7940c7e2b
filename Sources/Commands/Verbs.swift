// SPDX-License-Identifier: Apache-2.0
public import API
public import ArgumentParser
public import Synchronization

/// Everything that a person at a terminal can say to a control plane, one verb a file.
public enum Verbs {
    /// Brings a backup back from its folder, without a control plane, tells how far it has come, and says what came back.
    public typealias FolderRestoring =
        @Sendable (
            FolderRestore, @escaping @Sendable (ProgressView) -> Void
        ) async throws -> String

    /// Set by the program, which knows the parts that it takes.
    public static let folderRestore = Mutex<FolderRestoring?>(nil)

    /// In the order of the help page.
    public static let all: [any ParsableCommand.Type] = [
        InitCommand.self, CheckCommand.self, PlanCommand.self, DeployCommand.self, ApproveCommand.self,
        RejectCommand.self,
        CancelCommand.self, RollbackCommand.self, StatusCommand.self, LogsCommand.self, EventsCommand.self,
        DeploymentCommand.self, ReleaseCommand.self, ProjectCommand.self, PruneCommand.self,
        PeopleCommand.self,
        BackupCommand.self, StoreCommand.self, MigrateCommand.self,
        GitHookCommand.self,
        GitCredentialCommand.self,
    ]
}
