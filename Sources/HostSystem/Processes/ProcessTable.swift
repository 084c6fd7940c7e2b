// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
import Glibc

/// The processes of this machine, as far as this process may see them.
public enum ProcessTable {
    /// Every process, by number.
    public static func all() -> [ProcessEntry] { ids.sorted().compactMap(entry) }

    /// The number of each process.
    static var ids: [Int32] {
        // Without /proc nothing is visible, and nothing is what there is to say.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }
    }

    /// One process; nil when there is none with this number.
    public static func entry(_ id: Int32) -> ProcessEntry? {
        // A process that ends while it is read is gone.
        guard let line = try? FileContent.bytes(of: "/proc/\(id)/stat") else { return nil }
        return ProcessEntry(stat: line)
    }

    /// The processes that a process with one thread has started and not waited for yet.
    public static func children(of process: Int32) -> [Int32] {
        // A kernel without this file (CONFIG_PROC_CHILDREN) has the same in each of the others'.
        guard let text = try? FileContent.text(of: "/proc/\(process)/task/\(process)/children") else {
            return all().filter { $0.parent == process }.map(\.id)
        }
        return text.split(separator: " ").compactMap { Int32($0) }
    }

    /// Resident memory of every process of a session; what they share counts for each of them.
    public static func memory(ofSession session: Int32) -> ByteCount {
        let pages = all().filter { $0.session == session }.map(\.residentPages).reduce(0, +)
        return ByteCount(Int64(pages) * Int64(sysconf(Int32(_SC_PAGESIZE))))
    }

    /// Whether a process was started with exactly this variable.
    ///
    /// False when that can't be seen.
    public static func process(_ id: Int32, wasGiven name: String, _ value: String) -> Bool {
        // Other people's processes keep their variables to themselves, and then they are not ours.
        guard let bytes = try? FileContent.bytes(of: "/proc/\(id)/environ") else { return false }
        let wanted = Array("\(name)=\(value)".utf8)
        return bytes.split(separator: 0).contains { $0.count == wanted.count && $0.elementsEqual(wanted) }
    }

    /// Names the time between two starts of the machine.
    public static var boot: String {
        // Without it no recorded process is taken for one that lives, which is the safe side.
        let text = try? FileContent.text(of: "/proc/sys/kernel/random/boot_id")
        return (text ?? nil)?.filter { !$0.isWhitespace } ?? ""
    }
}
