// SPDX-License-Identifier: Apache-2.0
import Core

/// How a repository changes its database's schema.
struct SchemaChanges {
    /// What OpsHub can apply.
    private(set) var migrations: DetectedMigrations?
    /// What it can't.
    private(set) var remarks: [String] = []

    /// Looks for Alembic, numbered SQL files, Prisma and Django.
    init(of tree: FileTree, services: [(name: ServiceName, path: String)]) {
        let alembic = tree.paths.first { FileTree.name(of: $0) == "alembic.ini" }.map(FileTree.folder)
        let scripts = tree.paths.first(where: Self.isNumberedScript).map(FileTree.folder)
        if let folder = alembic {
            add(.alembic, in: folder, services, "\(folder == "." ? "" : folder + "/")alembic.ini")
        } else if let folder = scripts {
            add(.sql, in: folder, services, "\(folder)/*.sql")
        } else if let folder = tree.paths.first(where: Self.isPrismaMigration).map(FileTree.folder)
            .map(FileTree.folder)
        {
            add(.prisma, in: folder, services, "\(folder)/*/migration.sql")
        }
        if tree.paths.contains(where: { FileTree.name(of: $0) == "manage.py" }) {
            remarks.append("Django's migrations are not supported yet: run 'manage.py migrate' yourself.")
        }
    }

    private mutating func add(
        _ tool: MigrationsManifest.Tool,
        in folder: String,
        _ services: [(name: ServiceName, path: String)],
        _ files: String,
    ) {
        let around = services.filter {
            $0.path == "." || folder == $0.path || folder.hasPrefix($0.path + "/")
        }
        guard let service = around.max(by: { $0.path.count < $1.path.count }) else {
            remarks.append(
                "\(files) was found outside every service's folder, where migrations are looked for."
            )
            return
        }
        let inside = service.path == "." ? folder : String(folder.dropFirst(service.path.count + 1))
        migrations = DetectedMigrations(
            tool: tool,
            service: service.name,
            folder: inside.isEmpty ? "." : inside,
        )
    }

    /// Whether a file is called like `prisma/migrations/20240102030405_name/migration.sql`.
    private static func isPrismaMigration(_ path: String) -> Bool {
        path.wholeMatch(of: #/(.*/)?migrations/[0-9]{14}_[^/]+/migration\.sql/#) != nil
    }

    /// Whether a file is called like `NNNN_name.sql`.
    private static func isNumberedScript(_ path: String) -> Bool {
        FileTree.name(of: path).wholeMatch(of: #/[0-9]{4}_.+\.sql/#) != nil
    }
}
