// SPDX-License-Identifier: Apache-2.0
import Commands
import FoundationEssentials
import Logging

/// One line a message on standard error: time, level, constant phrase, sorted metadata.
struct PlainLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let pairs = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let time = Date().formatted(.iso8601)
        ErrorText.line("\(time) \(event.level) \(event.message)\(pairs)")
    }
}
