// SPDX-License-Identifier: Apache-2.0
import CPostgres
import Core
import Glibc

/// What COPY sends and receives; one statement is several calls.
extension LibpqConnection {
    /// Begins `COPY … FROM STDIN`.
    func beginCopy(_ sql: String, _ limit: Duration) throws {
        try interrupted(sql, limit) { end in
            guard unsafe PQsendQuery(handle, sql) == 1 else { throw lost(sql) }
            guard let result = try nextResult(of: sql, until: end) else { throw lost(sql) }
            if case .copying = result.kind { return }
            _ = try results(of: sql, until: end, after: result.kind)
            throw PostgresError(message: "this is no COPY from the client", statement: sql)
        }
    }

    /// Sends rows, whole or not, and returns once the system has them.
    func copy(_ bytes: [UInt8], _ limit: Duration) throws {
        try interrupted("COPY", limit) { end in
            let count = Int32(bytes.count)
            let sent = unsafe bytes.withUnsafeBytes { buffer in
                unsafe PQputCopyData(handle, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), count)
            }
            guard sent == 1 else {
                // The server may have ended it.
                _ = try results(of: "COPY", until: end)
                throw lost("COPY")
            }
            while true {
                let unsent = unsafe PQflush(handle)
                guard unsent >= 0 else { throw lost("COPY") }
                if unsent == 0 { return }
                try wait(for: POLLIN | POLLOUT, until: end)
                guard unsafe PQconsumeInput(handle) == 1 else { throw lost("COPY") }
            }
        }
    }

    /// Ends it; throws what the server had against the rows.
    func endCopy(_ limit: Duration) throws {
        try interrupted("COPY", limit) { end in
            while unsafe PQputCopyEnd(handle, nil) == 0 { try wait(for: POLLOUT, until: end) }
            // Where it could not be ended, this says why.
            _ = try results(of: "COPY", until: end)
        }
    }

    /// Runs `COPY … TO STDOUT`, and hands over every row with its line feed.
    func copyOut(
        _ sql: String,
        _ limit: Duration,
        _ take: (UnsafeRawBufferPointer) -> Void,
    ) throws {
        try interrupted(sql, limit) { end in
            guard unsafe PQsendQuery(handle, sql) == 1 else { throw lost(sql) }
            guard let result = try nextResult(of: sql, until: end) else { throw lost(sql) }
            guard case .copying = result.kind else {
                _ = try results(of: sql, until: end, after: result.kind)
                throw PostgresError(message: "this is no COPY to the client", statement: sql)
            }
            while true {
                var row: UnsafeMutablePointer<CChar>?
                let count = unsafe PQgetCopyData(handle, &row, 1)
                switch count {
                case 1...:
                    unsafe take(UnsafeRawBufferPointer(start: row, count: Int(count)))
                    unsafe PQfreemem(row)
                case 0:
                    try wait(for: POLLIN, until: end)
                    guard unsafe PQconsumeInput(handle) == 1 else { throw lost(sql) }
                case -1:
                    _ = try results(of: sql, until: end)
                    return
                default: throw lost(sql)
                }
            }
        }
    }

    /// After whatever ends waiting, nobody knows how far the other side is.
    private func interrupted(
        _ sql: String,
        _ limit: Duration,
        _ body: (ContinuousClock.Instant) throws -> Void,
    ) throws {
        do {
            try body(.now + limit)
        } catch let stop as Stop {
            isBroken = true
            throw stop.error("COPY on \(place)", limit)
        }
    }
}
