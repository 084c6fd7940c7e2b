// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import HostSystem
import Manifest

/// The files that a build sees: those of its folder but for what `.dockerignore` leaves out.
struct ImageContext {
    /// The folder, absolute.
    let folder: String
    /// Paths below it, in order; folders before what is in them.
    let paths: [String]

    /// Looks through a build's folder.
    ///
    /// Throws `build-failed` when the folder or the Dockerfile is not there, or leads out of the release.
    init(_ order: ImageBuildOrder) throws {
        let context = order.build.context
        let folder = context == "." ? order.folder : "\(order.folder)/\(context)"
        self.folder = folder
        guard !Folder.isLink(folder), !Folder.exists(folder) || Folder.contains(order.folder, folder) else {
            throw Failure(
                .buildFailed,
                "\(order.service) is built from \(context), which is a link to somewhere else",
                hint: "commit the folder itself",
            )
        }
        guard Folder.exists(folder) else {
            throw Failure(
                .buildFailed,
                "\(order.service) is built from \(context), and the commit has no such folder",
                hint: "git ls-files \(context)",
            )
        }
        guard try FileContent.bytes(of: "\(folder)/\(order.build.dockerfile)") != nil else {
            throw Failure(
                .buildFailed,
                "\(order.service) is built from \(order.build.dockerfile), and \(context) has no such file",
                hint: "git ls-files \(context == "." ? "" : context + "/")\(order.build.dockerfile)",
            )
        }
        // A Dockerfile may have rules of its own beside it.
        let own = try FileContent.text(of: "\(folder)/\(order.build.dockerfile).dockerignore")
        let rules = DockerIgnore(try own ?? FileContent.text(of: "\(folder)/.dockerignore") ?? "")
        var found: [String] = []
        try Self.walk(folder, "", rules, &found)
        // The engine reads both, whatever the rules say; what the rules keep out is no part of the image all the same.
        for needed in [order.build.dockerfile, ".dockerignore"]
        where try !found.contains(needed) && FileStatus.of("\(folder)/\(needed)") != nil {
            found.append(needed)
        }
        paths = found
    }

    /// Writes an archive that is the same for the same files, whenever they were checked out.
    func pack(into archive: String, _ runner: ProgramRunner) async throws {
        let list = archive + ".list"
        try FileContent.write(Array(paths.joined(separator: "\0").utf8), to: list, mode: 0o600)
        defer {
            // Only names.
            try? Folder.remove(list)
        }
        _ =
            try await runner.run(
                Program(
                    "tar",
                    [
                        "--create", "--file", archive, "--directory", folder, "--null", "--no-recursion",
                        "--owner=0",
                        // As Git has them: the checkout is closed to others, and whoever the image says must read it.
                        "--mode=u=rwX,go=rX",
                        "--group=0", "--numeric-owner", "--mtime=@0", "--format=gnu", "--verbatim-files-from",
                        "--files-from", list,
                    ],
                    in: "/",
                    deadline: .seconds(600),
                )
            )
            .checked(doing: "packing \(folder)")
    }

    private static func walk(
        _ root: String,
        _ path: String,
        _ rules: DockerIgnore,
        _ found: inout [String],
    ) throws {
        for name in try Folder.names(in: path.isEmpty ? root : "\(root)/\(path)") {
            let own = path.isEmpty ? name : "\(path)/\(name)"
            // A link to a folder is a link.
            let isFolder = try FileStatus.of("\(root)/\(own)").map { $0.mode & 0o170000 == 0o040000 } ?? false
            let isLeftOut = rules.leavesOut(own)
            if !isLeftOut { found.append(own) }
            // Something below may be let in again.
            if isFolder, !isLeftOut || rules.hasExceptions { try walk(root, own, rules, &found) }
        }
    }
}
