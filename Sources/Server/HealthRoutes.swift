// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Hummingbird
import Logging

/// Whether the control plane itself is well.
///
/// Open to everyone, and says nothing else.
struct HealthRoutes {
    let control: ControlPlane

    func add(to router: Router<ServerContext>) {
        router.get("healthz") { _, _ in try Response.json(["ok": true]) }
        router.get("health") { _, context in
            do {
                try await control.pingDatabase()
                return try Response.json(["status": "healthy", "database": "connected"])
            } catch {
                context.logger.error("state database does not answer", metadata: ["error": "\(error)"])
                return try Response.json(
                    ["status": "unhealthy", "database": "disconnected"],
                    status: .serviceUnavailable,
                )
            }
        }
    }
}
