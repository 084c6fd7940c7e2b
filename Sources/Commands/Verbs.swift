// SPDX-License-Identifier: Apache-2.0
public import ArgumentParser

/// Everything that a person at a terminal can say to a control plane, one verb a file.
public enum Verbs {
    /// In the order of the help page.
    public static let all: [any ParsableCommand.Type] = [
        InitCommand.self, CheckCommand.self, PlanCommand.self, DeployCommand.self, ApproveCommand.self,
        RejectCommand.self,
        CancelCommand.self, RollbackCommand.self, StatusCommand.self, LogsCommand.self, EventsCommand.self,
        DeploymentCommand.self, ReleaseCommand.self, ProjectCommand.self, PruneCommand.self,
        PeopleCommand.self,
        BackupCommand.self,
        GitHookCommand.self,
        GitCredentialCommand.self,
    ]
}
