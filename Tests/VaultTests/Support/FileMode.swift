// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Who may do what with a file: `0o600`; nil when there is none.
func mode(of path: String) -> UInt32? {
    var state = stat()
    guard unsafe lstat(path, &state) == 0 else { return nil }
    return state.st_mode & 0o7777
}
