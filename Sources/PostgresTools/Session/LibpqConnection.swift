// SPDX-License-Identifier: Apache-2.0
import CPostgres
import Core
import Dispatch
import Glibc

/// One `PGconn`.
///
/// Blocks its thread while it waits; belongs to one ``PostgresSession``.
@safe
final class LibpqConnection {
    let handle: OpaquePointer
    private let interrupt: Interrupt
    let place: String
    /// Whether nothing more can be asked: an answer is still outstanding that nobody waits for.
    var isBroken = false

    /// Connects within `limit`.
    init(_ endpoint: PostgresEndpoint, _ interrupt: Interrupt, _ limit: Duration) throws {
        let words = endpoint.keywords
        let names = CStringList(words.map(\.name))
        let values = CStringList(words.map(\.value))
        guard let handle = unsafe PQconnectStartParams(names.pointer, values.pointer, 1) else {
            throw PostgresError(message: "no memory for a connection")
        }
        unsafe self.handle = handle
        self.interrupt = interrupt
        place = endpoint.place
        // Notices would go to this process's standard error.
        unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
        // While connecting there is no result to ask for the SQLSTATE; with this it is part of the message.
        unsafe PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        try finishConnecting(limit)
    }

    deinit {
        unsafe PQfinish(handle)
    }

    /// The server's process that answers it.
    var process: Int32 { unsafe PQbackendPID(handle) }

    /// Runs one statement and returns its rows.
    func query(_ sql: String, _ parameters: [String?], _ limit: Duration) throws -> [PostgresRow] {
        let values = CStringList(parameters)
        let sent = unsafe PQsendQueryParams(
            handle,
            sql,
            Int32(parameters.count),
            nil,
            values.pointer,
            nil,
            nil,
            0,
        )
        guard sent == 1 else { throw lost(sql) }
        do {
            return try results(of: sql, until: .now + limit)
        } catch let stop as Stop {
            cancelAndDrain(sql)
            throw stop.error("a statement on \(place)", limit)
        }
    }

    /// The SCRAM verifier of a password.
    func verifier(of password: String, for role: String) throws -> String {
        guard let text = unsafe PQencryptPasswordConn(handle, password, role, "scram-sha-256") else {
            throw lost(nil)
        }
        defer { unsafe PQfreemem(text) }
        return unsafe String(cString: text)
    }

    // MARK: Connecting

    private func finishConnecting(_ limit: Duration) throws {
        let end = ContinuousClock.now + limit
        // libpq: behave as if the last poll had said "writing".
        var wanted = PGRES_POLLING_WRITING
        while true {
            guard unsafe PQstatus(handle) != CONNECTION_BAD else { throw lost(nil) }
            do {
                try wait(for: wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: end)
            } catch {
                guard error == .late else { throw CancellationError() }
                throw PostgresError(message: "\(place) did not answer within \(limit.briefly)")
            }
            wanted = unsafe PQconnectPoll(handle)
            if wanted == PGRES_POLLING_OK { break }
            guard wanted != PGRES_POLLING_FAILED else { throw lost(nil) }
        }
        unsafe PQsetnonblocking(handle, 1)
    }

    // MARK: Results

    /// Reads what a statement answers, to the end.
    ///
    /// - Parameters:
    ///   - sql: The statement.
    ///   - end: How long it may take.
    ///   - first: What was read of it already.
    /// - Returns: Its rows.
    /// - Throws: What the server refuses, and why waiting ended.
    func results(
        of sql: String,
        until end: ContinuousClock.Instant,
        after first: LibpqResult.Kind? = nil,
    ) throws -> [PostgresRow] {
        var rows: [PostgresRow] = []
        var problem: PostgresError?
        var next = first
        while let kind = try next ?? nextResult(of: sql, until: end)?.kind {
            next = nil
            switch kind {
            case .rows(let found): rows = found
            case .done: break
            case .problem(var error):
                error.statement = sql
                problem = problem ?? error
            case .copying:
                isBroken = true
                throw PostgresError(
                    message: "COPY from or to the client is not supported here",
                    statement: sql,
                )
            }
        }
        if let problem { throw problem }
        return rows
    }

    func nextResult(of sql: String, until end: ContinuousClock.Instant) throws -> LibpqResult? {
        while true {
            let unsent = unsafe PQflush(handle)
            guard unsent >= 0 else { throw lost(sql) }
            if unsent == 0, unsafe PQisBusy(handle) == 0 {
                return unsafe PQgetResult(handle).map { unsafe LibpqResult($0) }
            }
            try wait(for: unsent == 0 ? POLLIN : POLLIN | POLLOUT, until: end)
            guard unsafe PQconsumeInput(handle) == 1 else { throw lost(sql) }
        }
    }

    // MARK: Waiting

    /// Why waiting ended before there was something to read.
    enum Stop: Error {
        case late, cancelled

        func error(_ operation: String, _ limit: Duration) -> any Error {
            self == .late ? DeadlineExceeded(operation: operation, after: limit) : CancellationError()
        }
    }

    func wait(
        for events: Int32,
        until end: ContinuousClock.Instant,
        interruptible: Bool = true,
    ) throws(Stop) {
        while true {
            let left = (end - .now).inMilliseconds
            guard left > 0 else { throw .late }
            var sockets = [
                pollfd(fd: unsafe PQsocket(handle), events: Int16(events), revents: 0),
                pollfd(fd: interruptible ? interrupt.descriptor : -1, events: Int16(POLLIN), revents: 0),
            ]
            // Less than the time left: an error (EINTR) or nothing yet, so look again.
            guard unsafe poll(&sockets, 2, Int32(min(left, 60_000))) > 0 else { continue }
            guard sockets[1].revents == 0 else { throw .cancelled }
            return
        }
    }

    // MARK: Ending

    /// Asks the server to end the statement, and waits for that a little: then the connection can be used
    /// again.
    private func cancelAndDrain(_ sql: String) {
        sendCancel()
        let end = ContinuousClock.now + .seconds(5)
        do {
            while true {
                if unsafe PQisBusy(handle) == 0 {
                    guard let result = unsafe PQgetResult(handle) else { return }
                    unsafe PQclear(result)
                    continue
                }
                try wait(for: POLLIN, until: end, interruptible: false)
                guard unsafe PQconsumeInput(handle) == 1 else { throw lost(sql) }
            }
        } catch {
            isBroken = true
        }
    }

    private func sendCancel() {
        guard let cancel = unsafe PQgetCancel(handle) else { return }
        let address = UInt(bitPattern: cancel)
        // PQcancel waits for the server without a limit; a frozen one must not hold this thread.
        DispatchQueue.global()
            .async {
                guard let cancel = unsafe OpaquePointer(bitPattern: address) else { return }
                var answer = [CChar](repeating: 0, count: 256)
                _ = unsafe PQcancel(cancel, &answer, 256)
                unsafe PQfreeCancel(cancel)
            }
    }

    func lost(_ sql: String?) -> PostgresError {
        let words = unsafe String(cString: PQerrorMessage(handle)).split(separator: "\n")
            .joined(separator: " ")
        if unsafe PQstatus(handle) == CONNECTION_BAD { isBroken = true }
        return PostgresError(refusal: words.isEmpty ? "\(place) did not answer" : words, statement: sql)
    }
}
