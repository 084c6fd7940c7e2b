// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Makes a program that stops reading an error for who writes to it, and not the end of this process.
enum PipeSignal {
    /// Done once for the whole process; children start with the signal's usual meaning again.
    static let isIgnored: Bool = {
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = SIG_IGN
        return unsafe sigaction(SIGPIPE, &action, nil) == 0
    }()
}
