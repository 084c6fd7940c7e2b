// SPDX-License-Identifier: Apache-2.0
import CPostgres
import Core

extension PostgresEndpoint {
    /// The parts of a URL by libpq's names for them (`host`, `dbname` …), for programs that take them as variables.
    ///
    /// Throws `invalid` for what libpq does not understand; the URL itself is not shown, it may hold a password.
    static func parts(of url: Secret) throws(Failure) -> [String: String] {
        guard let options = unsafe PQconninfoParse(url.revealed(), nil) else {
            throw Failure(
                .invalid,
                "this is no URL of a PostgreSQL database",
                hint: "it looks like postgresql://user:password@host:5432/database",
            )
        }
        defer { unsafe PQconninfoFree(options) }
        var parts: [String: String] = [:]
        var next = unsafe options
        while let keyword = unsafe next.pointee.keyword {
            if let value = unsafe next.pointee.val {
                unsafe parts[String(cString: keyword)] = String(cString: value)
            }
            unsafe next += 1
        }
        return parts
    }
}
