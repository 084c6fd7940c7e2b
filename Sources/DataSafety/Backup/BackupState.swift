// SPDX-License-Identifier: Apache-2.0
public import Core

/// How far a backup has come.
///
///     started ──dumped──▶ written ──proven──▶ verified
///        │                   │  ▲                │ ▲
///     dumpFailed         disproved └──proven─┐  disproved
///        ▼                   ▼               │   ▼ │
///      failed (no content)   └──────────▶ failed (with content)
///
/// Only a verified one counts: for a deployment that wants to migrate, and for retention.
public enum BackupState: Hashable, Sendable {
    /// Bytes are being written, or were when the control plane ended.
    case started
    /// All bytes are on disk; whether they restore is not known yet.
    case written(BackupContent)
    /// They were restored, and what came back was what had been there.
    case verified(BackupContent, DrillReport)
    /// It is no use as it is.
    ///
    /// Without content: nothing was kept.
    case failed(Failure, BackupContent?)

    /// `started`, `written`, `verified` or `failed`.
    public var name: String {
        switch self {
        case .started: "started"
        case .written: "written"
        case .verified: "verified"
        case .failed: "failed"
        }
    }
}

extension BackupState: Codable {
    private enum Key: String, CodingKey {
        case name, content, drill, failure
    }

    /// Reads an object with `name` and what that state has.
    public init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        switch try object.decode(String.self, forKey: .name) {
        case "started": self = .started
        case "written": self = .written(try object.decode(BackupContent.self, forKey: .content))
        case "verified":
            self = .verified(
                try object.decode(BackupContent.self, forKey: .content),
                try object.decode(DrillReport.self, forKey: .drill),
            )
        case "failed":
            self = .failed(
                try object.decode(Failure.self, forKey: .failure),
                try object.decodeIfPresent(BackupContent.self, forKey: .content),
            )
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .name,
                in: object,
                debugDescription: "a backup is never '\(other)'",
            )
        }
    }

    /// Writes an object with `name` and what this state has.
    public func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(name, forKey: .name)
        switch self {
        case .started: break
        case .written(let content): try object.encode(content, forKey: .content)
        case .verified(let content, let drill):
            try object.encode(content, forKey: .content)
            try object.encode(drill, forKey: .drill)
        case .failed(let failure, let content):
            try object.encode(failure, forKey: .failure)
            try object.encodeIfPresent(content, forKey: .content)
        }
    }
}
