// SPDX-License-Identifier: Apache-2.0
import Commands
import FoundationEssentials
import Logging

/// One line a message on standard error: time, level, constant phrase, sorted metadata; as text or as a JSON object.
struct PlainLogHandler: LogHandler {
    var isJSON = false
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        guard !isJSON else { return ErrorText.line(json(event, all)) }
        let pairs = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let time = Date().formatted(.iso8601)
        ErrorText.line("\(time) \(event.level) \(event.message)\(pairs)")
    }

    private func json(_ event: LogEvent, _ metadata: Logger.Metadata) -> String {
        var members = metadata.mapValues { "\($0)" }
        members["time"] = Date().formatted(.iso8601)
        members["level"] = "\(event.level)"
        members["message"] = "\(event.message)"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts are always encodable.
        let bytes = (try? encoder.encode(members)) ?? Data()
        return String(decoding: bytes, as: UTF8.self)
    }
}
