// SPDX-License-Identifier: Apache-2.0
import CPostgres

/// One `PGresult`, freed with this.
@safe
struct LibpqResult: ~Copyable {
    /// What a result is.
    enum Kind {
        case rows([PostgresRow])
        case done
        case problem(PostgresError)
        case copying
    }

    private let handle: OpaquePointer

    /// Takes a result over.
    init(_ handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit {
        unsafe PQclear(handle)
    }

    /// What it is.
    var kind: Kind {
        switch unsafe PQresultStatus(handle) {
        case PGRES_TUPLES_OK: .rows(rows)
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: .done
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: .copying
        default: .problem(problem)
        }
    }

    private var rows: [PostgresRow] {
        let columns = unsafe PQnfields(handle)
        return (0..<(unsafe PQntuples(handle)))
            .map { row in
                PostgresRow(
                    values: (0..<columns)
                        .map { column in
                            unsafe PQgetisnull(handle, row, column) == 1
                                ? nil : String(cString: PQgetvalue(handle, row, column))
                        }
                )
            }
    }

    private var problem: PostgresError {
        PostgresError(
            sqlState: field("C"),
            message: field("M") ?? (unsafe String(cString: PQresultErrorMessage(handle))),
            detail: field("D"),
            hint: field("H"),
            position: field("P").flatMap { Int($0) },
        )
    }

    /// A part of an error, by its letter in the protocol.
    private func field(_ letter: Unicode.Scalar) -> String? {
        guard let text = unsafe PQresultErrorField(handle, Int32(letter.value)) else { return nil }
        return unsafe String(cString: text)
    }
}
