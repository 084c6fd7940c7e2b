// SPDX-License-Identifier: Apache-2.0

/// Whether files ask for a PostgreSQL.
enum DatabaseNeed {
    /// The version when nothing names one.
    static let usualMajor = 15

    /// Whether a driver is among the dependencies, or a setting gives a PostgreSQL address.
    static func isPostgres(_ tree: FileTree) -> Bool {
        tree.paths.contains { path in
            asksForPostgres(FileTree.name(of: path)) { tree.text(path) ?? "" }
        }
    }

    /// Reads only files that can tell.
    private static func asksForPostgres(_ name: String, text: () -> String) -> Bool {
        switch name {
        case "package.json":
            return PackageJSON(text()).map { !$0.everyDependency.isDisjoint(with: nodeDrivers) } ?? false
        case _ where PythonDependencies.isFile(name):
            return !PythonDependencies.words(in: text()).isDisjoint(with: pythonDrivers)
        case "schema.prisma":
            return text().contains(#/provider\s*=\s*"postgresql"/#)
        case _ where isSettings(name):
            return text().contains(#/DATABASE_URL\s*[=:]\s*["']?postgres/#)
        default: return false
        }
    }

    private static let nodeDrivers: Set<String> = [
        "pg", "postgres", "pg-promise", "slonik", "@prisma/adapter-pg",
    ]
    private static let pythonDrivers: Set<String> = [
        "psycopg", "psycopg2", "psycopg2-binary", "asyncpg", "pg8000",
    ]

    private static func isSettings(_ name: String) -> Bool {
        name.hasPrefix(".env") || name.hasSuffix(".env") || name == "env.example" || name == "README.md"
    }
}
