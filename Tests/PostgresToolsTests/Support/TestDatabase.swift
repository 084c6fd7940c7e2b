// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import Manifest

@testable import PostgresTools

/// One database of a shared cluster.
struct TestDatabase: Sendable {
    /// Its server.
    let cluster: RunningCluster
    /// Its name.
    let name: String

    /// As backups and migrations know it.
    var target: DatabaseTarget {
        DatabaseTarget(cluster.home.environment, cluster.accessory.manifest.name, name)
    }

    /// As its application reaches it.
    var endpoint: PostgresEndpoint {
        PostgresEndpoint(
            host: cluster.address.host,
            port: cluster.address.port,
            database: name,
            user: cluster.address.user,
            password: cluster.address.password,
        )
    }

    /// As `DATABASE_URL` has it.
    var url: Secret {
        var address = cluster.address
        address.database = name
        return address.url
    }

    /// Runs statements as the application.
    func run(_ statements: [String]) async throws {
        guard !statements.isEmpty else { return }
        try await PostgresSession.with(endpoint) { session in
            for statement in statements { try await session.query(statement) }
        }
    }

    /// Runs statements as the application.
    func run(_ statements: String...) async throws { try await run(statements) }

    /// One value, as the application sees it.
    func value(_ query: String) async throws -> String {
        try await PostgresSession.with(endpoint) { try await $0.query(query).first?[0] ?? "" }
    }
}
