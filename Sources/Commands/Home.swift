// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Where state lives when nobody says so.
public enum Home {
    /// `OPSHUB_HOME`, or `/var/lib/opshub` for root, or `~/.local/share/opshub`.
    public static var `default`: String {
        if let said = variable("OPSHUB_HOME") { return said }
        return geteuid() == 0 ? "/var/lib/opshub" : "\(variable("HOME") ?? ".")/.local/share/opshub"
    }

    /// An environment variable that says something.
    public static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }
}
