// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc

/// Says something when Ctrl-C is pressed, then ends the process as the signal would have.
struct InterruptWatch {
    private let source: any DispatchSourceSignal

    init(_ say: @escaping @Sendable () -> Void) {
        // The default action would end the process before a word is said.
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler {
            say()
            exit(130)
        }
        source.resume()
    }

    func end() {
        source.cancel()
        signal(SIGINT, SIG_DFL)
    }
}
