// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import HostSystem
import InstanceFolders
import Manifest

/// Files of the machine that a container sees: the content of secrets and configs, and copies of what it sees of its release.
///
/// A release belongs to root and to the environment's account, and a container's program is whoever its image says.
struct ContainerFiles {
    let folder: InstanceFolder
    let runner: ProgramRunner

    /// Where one is, by its place among the container's mounts.
    static func path(_ number: Int, in folder: String) -> String { "\(folder)/\(number)" }

    /// Writes them all anew.
    ///
    /// Throws `not-found` for a file that the release does not have, or a variable that nobody has set.
    func write(_ mounts: [ContainerMount], of instance: InstanceSpecification) async throws {
        let root = "\(folder.path)/files"
        try Folder.remove(root)
        for (number, mount) in mounts.enumerated() {
            let path = Self.path(number, in: root)
            switch mount.source {
            case .release(let source):
                try Folder.make(root, mode: 0o711)
                try await copy("\(instance.directory)/\(source)", to: path, source, instance)
            case .file(let content, let mode, let owner, let group):
                try Folder.make(root, mode: 0o711)
                let bytes = try bytes(content, instance)
                let bits = mode.flatMap { UInt32($0, radix: 8) } ?? 0o444
                try FileContent.write(bytes, to: path, mode: bits)
                try Folder.setMode(bits, of: path)
                if let user = owner.flatMap({ UInt32($0) }) {
                    try Folder.setOwner(
                        userID: user,
                        groupID: group.flatMap { UInt32($0) } ?? user,
                        of: path,
                    )
                }
            case .volume, .externalVolume, .anonymous, .host, .memory: continue
            }
        }
    }

    private func copy(
        _ original: String,
        to path: String,
        _ name: String,
        _ instance: InstanceSpecification,
    ) async throws {
        try Self.refuseLinks(original, name, instance)
        guard try FileStatus.of(original) != nil else {
            throw Failure(
                .notFound,
                "\(instance.id) is to see \(name), and the release has no such file",
                hint: "git ls-files \(name)",
            )
        }
        _ = try await runner.run(Program("cp", ["-R", "-P", "--", original, path], in: "/"))
            .checked(doing: "copying \(name)")
        _ = try await runner.run(Program("chmod", ["-R", "a+rX", "--", path], in: "/"))
            .checked(doing: "letting the container read \(name)")
    }

    /// A link in a commit could lead to anything that root may read.
    private static func refuseLinks(
        _ path: String,
        _ name: String,
        _ instance: InstanceSpecification,
    ) throws(Failure) {
        guard try FileStatus.of(path) != nil,
            Folder.isLink(path) || !Folder.contains(instance.directory, path)
        else { return }
        throw Failure(
            .invalid,
            "\(instance.id) is to see \(name), which is a link, or behind one that leads out of the release",
            hint: "commit the file itself",
        )
    }

    private func bytes(_ content: ContainerSecretSource, _ instance: InstanceSpecification) throws -> [UInt8]
    {
        switch content {
        case .text(let text): return Array(text.utf8)
        case .variable(let name):
            guard let value = instance.variables[name] else {
                throw Failure(
                    .notFound,
                    "\(instance.id) is to see the variable \(name) as a file, and nobody has set it",
                    hint: "say it in opshub.yml: environments.\(instance.id.environment.environment).env",
                )
            }
            return Array(value.revealed().utf8)
        case .file(let path):
            try Self.refuseLinks("\(instance.directory)/\(path)", path, instance)
            guard let bytes = try FileContent.bytes(of: "\(instance.directory)/\(path)") else {
                throw Failure(
                    .notFound,
                    "\(instance.id) is to see \(path), and the release has no such file",
                    hint: "git ls-files \(path)",
                )
            }
            return bytes
        }
    }
}
