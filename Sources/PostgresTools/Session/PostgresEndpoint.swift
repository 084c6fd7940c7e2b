// SPDX-License-Identifier: Apache-2.0
public import Core

/// How to reach a database of a PostgreSQL server.
public struct PostgresEndpoint: Hashable, Sendable {
    /// What libpq is given, by its own names for it; nothing of the environment replaces these.
    public var parameters: [String: String]
    /// Never in `parameters`.
    public var password: Secret?

    /// A server by host name, address or socket folder.
    public init(host: String, port: Int, database: String, user: String, password: Secret? = nil) {
        parameters = ["host": host, "port": "\(port)", "dbname": database, "user": user]
        self.password = password
    }

    /// A server by URL, as `DATABASE_URL` holds it.
    public init(url: Secret) {
        parameters = [:]
        self.url = url
    }

    /// The same server, with more settings for the session: `-c lock_timeout=5000`; the last of the same name holds.
    public func with(settings: [String: String]) -> PostgresEndpoint {
        var copy = self
        let more = settings.sorted { $0.key < $1.key }
            .map { "-c \($0.key)=\($0.value.replacing("\\", with: "\\\\").replacing(" ", with: "\\ "))" }
        copy.parameters["options"] = ((parameters["options"].map { [$0] } ?? []) + more)
            .joined(separator: " ")
        return copy
    }

    /// The same server, whatever an application has set for its database: nothing of its own is found by a short name, and no
    /// waiting ends the session.
    var unswayed: PostgresEndpoint {
        with(settings: [
            "search_path": "pg_catalog", "statement_timeout": "0", "idle_session_timeout": "0",
            "idle_in_transaction_session_timeout": "0",
        ])
    }

    /// The same server, with a name for the session that other sessions can see.
    public func named(_ name: String) -> PostgresEndpoint {
        var copy = self
        copy.parameters["application_name"] = name
        return copy
    }

    /// Where it is, in a few words and without secrets.
    public var place: String {
        guard url == nil else { return "the server of DATABASE_URL" }
        return "\(parameters["host"] ?? ""):\(parameters["port"] ?? "")/\(parameters["dbname"] ?? "")"
    }

    /// Everything for libpq; the first entry may be a whole URL, which the later ones add to.
    var keywords: [(name: String, value: String)] {
        var words = parameters.map { (name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
        if let url { words.insert((name: "dbname", value: url.revealed()), at: 0) }
        if let password { words.append((name: "password", value: password.revealed())) }
        return words
    }

    private var url: Secret?
}
