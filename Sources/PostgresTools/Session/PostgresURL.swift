// SPDX-License-Identifier: Apache-2.0
import CPostgres
import Core

extension PostgresEndpoint {
    /// The parts of a URL by the variables that libpq reads them from (`PGHOST`, `PGDATABASE` …), for programs that shall
    /// connect exactly where a session with this URL does.
    ///
    /// Throws `invalid` for what libpq does not understand; the URL itself is not shown, it may hold a password.
    static func variables(of url: Secret) throws(Failure) -> [String: String] {
        guard let options = unsafe PQconninfoParse(url.revealed(), nil) else {
            throw Failure(
                .invalid,
                "this is no URL of a PostgreSQL database",
                hint: "it looks like postgresql://user@host:5432/database",
            )
        }
        defer { unsafe PQconninfoFree(options) }
        var variables: [String: String] = [:]
        var next = unsafe options
        while let keyword = unsafe next.pointee.keyword {
            if let value = unsafe next.pointee.val {
                guard let variable = unsafe next.pointee.envvar else {
                    throw Failure(
                        .invalid,
                        "the URL has '\(unsafe String(cString: keyword))', which pg_restore can't be told without showing the URL",
                    )
                }
                unsafe variables[String(cString: variable)] = String(cString: value)
            }
            unsafe next += 1
        }
        return variables
    }
}
