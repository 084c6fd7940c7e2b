// SPDX-License-Identifier: Apache-2.0
public import Core
import HostSystem

/// One connection to a PostgreSQL server.
///
/// Waits on a queue of its own. Calls run one after another. Cancelling a call ends its statement on the
/// server.
public actor PostgresSession {
    private let executor: QueueExecutor
    private let interrupt: Interrupt
    private var connection: LibpqConnection?
    private let place: String

    /// The queue that this session waits on.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    private init(_ place: String) throws(PostgresError) {
        self.place = place
        executor = QueueExecutor("postgres.session", isBackground: BackgroundPriority.isUnderWay)
        interrupt = try Interrupt()
    }

    /// Connects.
    ///
    /// Throws ``PostgresError`` when the server refuses or does not answer in time.
    public static func connect(
        _ endpoint: PostgresEndpoint,
        deadline: Duration = .seconds(10),
    ) async throws -> PostgresSession {
        let session = try PostgresSession(endpoint.place)
        try await session.open(endpoint, deadline)
        return session
    }

    /// Connects, hands the session over, and closes it when `body` is done.
    @discardableResult
    public static func with<Result: Sendable>(
        _ endpoint: PostgresEndpoint,
        deadline: Duration = .seconds(10),
        body: (PostgresSession) async throws -> Result,
    ) async throws -> Result {
        let session = try await connect(endpoint, deadline: deadline)
        do {
            let result = try await body(session)
            await session.close()
            return result
        } catch {
            await session.close()
            throw error
        }
    }

    /// Runs one statement and returns its rows.
    ///
    /// Throws ``PostgresError`` for what the server refuses, `DeadlineExceeded` when `deadline` passed and
    /// `CancellationError` when the task was cancelled; the statement has been asked to end by then.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `$1`, `$2` … for parameters.
    ///   - parameters: As text; nil is NULL.
    ///   - deadline: How long it may take; five minutes when not said.
    /// - Returns: Its rows; none for a statement without rows.
    /// - Throws: See above.
    @discardableResult
    public func query(
        _ sql: String,
        _ parameters: [String?] = [],
        deadline: Duration = .seconds(300),
    ) async throws -> [PostgresRow] {
        interrupt.clear()
        try Task.checkCancellation()
        return try await withTaskCancellationHandler {
            try run { try $0.query(sql, parameters, deadline) }
        } onCancel: {
            interrupt.raise()
        }
    }

    /// Begins `COPY … FROM STDIN`; rows follow by ``copy(_:deadline:)``, and ``endCopy(deadline:)`` after them.
    ///
    /// Throws what ``query(_:_:deadline:)`` throws. A task that is cancelled in between ends the session.
    func beginCopy(_ sql: String, deadline: Duration) async throws {
        try await interruptible { try $0.beginCopy(sql, deadline) }
    }

    /// Sends rows, whole or not.
    func copy(_ rows: [UInt8], deadline: Duration) async throws {
        try await interruptible { try $0.copy(rows, deadline) }
    }

    /// Ends a COPY; throws ``PostgresError`` for what the server has against its rows.
    func endCopy(deadline: Duration) async throws {
        try await interruptible { try $0.endCopy(deadline) }
    }

    /// The rows of `COPY … TO STDOUT`, added up.
    func digest(_ sql: String, deadline: Duration) async throws -> RowDigest {
        var rows = RowDigest()
        try await interruptible { connection in
            try unsafe connection.copyOut(sql, deadline) { unsafe rows.add(line: $0) }
        }
        return rows
    }

    private func interruptible(_ body: (LibpqConnection) throws -> Void) async throws {
        interrupt.clear()
        try Task.checkCancellation()
        try await withTaskCancellationHandler {
            try run(body)
        } onCancel: {
            interrupt.raise()
        }
    }

    /// What a password becomes before it is sent, so that no log of the server can show it (SCRAM-SHA-256).
    public func verifier(of password: Secret, for role: String) throws -> String {
        try run { try $0.verifier(of: password.revealed(), for: role) }
    }

    /// The server's process that answers it; 0 once it is closed.
    var process: Int32 { connection?.process ?? 0 }

    /// Ends the connection.
    ///
    /// Idempotent; without it the connection ends with the last reference.
    public func close() {
        connection = nil
    }

    private func open(_ endpoint: PostgresEndpoint, _ deadline: Duration) async throws {
        try Task.checkCancellation()
        connection = try await withTaskCancellationHandler {
            try LibpqConnection(endpoint, interrupt, deadline)
        } onCancel: {
            interrupt.raise()
        }
    }

    private func run<Result>(_ body: (LibpqConnection) throws -> Result) throws -> Result {
        guard let connection else { throw PostgresError(message: "the session to \(place) was closed") }
        do {
            return try body(connection)
        } catch {
            if connection.isBroken { self.connection = nil }
            throw error
        }
    }
}
