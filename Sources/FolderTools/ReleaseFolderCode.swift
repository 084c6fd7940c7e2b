// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem

/// Searches the built folder of the release that serves, with grep(1).
public struct ReleaseFolderCode: ReleaseCode {
    private let layout: HomeLayout
    private let runner = ProgramRunner()

    /// What was fetched or made, or is for people, and says nothing of what the project's own code asks for.
    private static let folders = [
        ".git", ".venv", "venv", "node_modules", "vendor", "__pycache__", "site-packages", "dist", "build",
        ".next", "coverage",
    ]
    private static let files = [
        "*.min.js", "*.map", "*.lock", "package-lock.json", "*.css", "*.md", "*.rst", "*.txt", "*.svg",
    ]

    /// Of an installation's releases.
    public init(layout: HomeLayout) {
        self.layout = layout
    }

    /// Files that have one of these words; see ``DataSafety/ReleaseCode``.
    public func files(naming words: Set<String>, of job: MigrationJob) async throws -> [String: [String]]? {
        guard let serving = job.serving else { return nil }
        let folder = layout.release(serving, of: job.database.environment)
        guard Folder.exists(folder) else { return nil }
        let left =
            Self.folders.map { "--exclude-dir=\($0)" } + Self.files.map { "--exclude=\($0)" }
        var found: [String: [String]] = [:]
        for word in words.sorted() {
            let program = Program(
                "grep",
                [
                    "--recursive", "--files-with-matches", "--binary-files=without-match", "--word-regexp",
                    "--fixed-strings", "--ignore-case", "--no-messages", "--null",
                ] + left + ["-e", word, "--", "."],
                in: folder,
            )
            let result = try await runner.run(program)
            // 1: no file has it. 2 with --no-messages: something could not be read, beside what could.
            guard case .exited(let status) = result.ending, status < 2 || !result.output.isEmpty else {
                throw Failure(.programFailed, "the files of \(serving) can't all be read")
            }
            let paths = result.output.split(separator: "\0").map { String($0.trimmingPrefix("./")) }
            found[word] = paths.filter { !isMigration($0, of: job) }.sorted()
        }
        return found
    }

    /// Whether a file of the release is one of the migrations themselves, by where the new release has its own.
    private func isMigration(_ path: String, of job: MigrationJob) -> Bool {
        // Alembic's folder is the service's own, and has them in `versions`.
        guard job.folder != ".", !job.folder.isEmpty else { return "/\(path)".contains("/versions/") }
        let own = job.servicePath == "." ? job.folder : "\(job.servicePath)/\(job.folder)"
        return path.hasPrefix("\(own)/")
    }
}
