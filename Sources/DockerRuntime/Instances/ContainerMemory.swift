// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// Memory of a container as the kernel of this machine counts it.
///
/// The engine would tell it too, and takes a second for it: it waits for its next round of looking at everything.
struct ContainerMemory {
    private static let root = "/sys/fs/cgroup"

    /// Without what the kernel keeps of files only to have them at hand; nil when the container is not this machine's.
    static func of(_ container: EngineContainer) throws -> ByteCount? {
        guard let groups = try FileContent.text(of: "/proc/\(container.state.pid)/cgroup") else { return nil }
        for line in groups.split(separator: "\n") {
            // `4:memory:/docker/ID`, or `0::/system.slice/docker-ID.scope` (cgroups(7)).
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].contains(container.id) else { continue }
            let isOwn = parts[1].split(separator: ",").contains("memory")
            let folders =
                isOwn ? ["\(root)/memory\(parts[2])"] : parts[1].isEmpty ? ["\(root)\(parts[2])"] : []
            for folder in folders {
                let usage = isOwn ? "memory.usage_in_bytes" : "memory.current"
                guard let used = try number(in: "\(folder)/\(usage)") else { continue }
                let idle = try statistic(
                    isOwn ? "total_inactive_file" : "inactive_file",
                    in: "\(folder)/memory.stat",
                )
                return ByteCount(max(0, used - idle))
            }
        }
        return nil
    }

    private static func number(in path: String) throws -> Int64? {
        try FileContent.text(of: path).flatMap { Int64($0.prefix { $0.isNumber }) }
    }

    private static func statistic(_ name: String, in path: String) throws -> Int64 {
        let lines = try FileContent.text(of: path)?.split(separator: "\n") ?? []
        let line = lines.first { $0.hasPrefix("\(name) ") }
        return line.flatMap { Int64($0.dropFirst(name.count + 1)) } ?? 0
    }
}
