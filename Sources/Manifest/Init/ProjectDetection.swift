// SPDX-License-Identifier: Apache-2.0
import Core

/// What `opshub init` can tell from a repository's files.
///
/// Pure: it only asks its ``FileTree``.
public struct ProjectDetection: Hashable, Sendable {
    /// Programs and static sites.
    public var services: [DetectedService]
    /// The major version of the PostgreSQL that the project needs; nil when nothing asks for one.
    public var postgres: Int?
    /// Schema changes that OpsHub can apply.
    public var migrations: DetectedMigrations?
    /// Folders that only a Dockerfile says something about.
    public var containers: [DetectedContainer]
    /// What was found and can't be used, and what a person should know.
    public var remarks: [String]

    /// Looks at a repository.
    public init(of tree: FileTree) {
        let compose = ComposeSummary(of: tree)
        let dockerfiles = ContainerFolders(of: tree)
        services = ServiceFolders.services(of: tree)
        for index in services.indices where dockerfiles.folders.contains(services[index].path) {
            services[index].remarks
                .append(
                    "Its Dockerfile is not used here: 'dockerfile: Dockerfile' and 'port' in place of 'build' and 'run' build from it"
                )
        }
        let changes = SchemaChanges(of: tree, services: services.map { ($0.name, $0.path) })
        migrations = changes.migrations
        let needsPostgres =
            changes.migrations != nil || compose?.postgres != nil || DatabaseNeed.isPostgres(tree)
        postgres = needsPostgres ? compose?.postgres ?? DatabaseNeed.usualMajor : nil
        containers = dockerfiles.containers(except: Set(services.map(\.path)))
        remarks = (compose?.remarks ?? []) + changes.remarks
    }
}
