// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// What the operating system answered to a call that it refused.
struct SystemError: Error, Hashable, CustomStringConvertible {
    /// The value of `errno`.
    let number: Int32

    /// Wraps a value of `errno`.
    init(_ number: Int32) {
        self.number = number
    }

    /// In the system's words.
    var description: String { Errno(rawValue: number).description }
}
