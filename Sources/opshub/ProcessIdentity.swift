// SPDX-License-Identifier: Apache-2.0
import Glibc

/// This process.
enum ProcessIdentity {
    /// Its id.
    static var current: Int32 { getpid() }
}
