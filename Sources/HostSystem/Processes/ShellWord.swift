// SPDX-License-Identifier: Apache-2.0

/// One word for a POSIX shell.
public enum ShellWord {
    /// `text` in single quotes, where the shell changes nothing.
    public static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
