// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
import Glibc

/// Finds programs as a shell does.
public enum ExecutablePath {
    /// The folders where programs are looked for: this process's own `PATH`, and where a system keeps its tools.
    public static var folders: String {
        let own = ProcessInfo.processInfo.environment["PATH"] ?? ""
        var seen: Set<Substring> = []
        let all =
            own.split(separator: ":")
            + "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".split(separator: ":")
        return all.filter { seen.insert($0).inserted }.joined(separator: ":")
    }

    /// The absolute path of a program; throws `missing-program` when it is nowhere.
    public static func find(_ name: String) throws(Failure) -> String {
        for folder in folders.split(separator: ":") {
            let path = "\(folder)/\(name)"
            if unsafe access(path, X_OK) == 0, !Folder.exists(path) { return path }
        }
        throw missing(name)
    }

    /// What is said when a program is not installed.
    static func missing(_ name: String) -> Failure {
        let packages = [
            "runsv": "runit", "chpst": "runit", "svlogd": "runit", "setsid": "util-linux",
            "useradd": "passwd",
            "redis-server": "redis-server", "redis-cli": "redis-tools", "redis-check-rdb": "redis-tools",
        ]
        return Failure(
            .missingProgram,
            "\(name) is not installed or not in PATH",
            hint: "run script/bootstrap, or install the package \(packages[name] ?? "that has \(name)")",
        )
    }
}
