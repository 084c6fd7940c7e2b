// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery

/// The text of `haproxy.cfg` for a state.
///
/// What can change at run time (ports of instances, weights) is in it too, so that an edge that is started again by its
/// supervisor does what the one before did.
struct EdgeConfiguration {
    let settings: EdgeSettings
    let state: EdgeState
    private var tables: EdgeTables

    init(settings: EdgeSettings, state: EdgeState) {
        self.settings = settings
        self.state = state
        tables = EdgeTables(state)
    }

    /// The whole file.
    var text: String {
        let common = [global, defaults, publicFrontend, unansweredBackend]
        return (common + state.environments.flatMap(sections)).joined(separator: "\n\n") + "\n"
    }

    /// What a reload is needed for when it differs: the text with every server's place emptied.
    var shape: String {
        var empty = self
        empty.tables.servers = [:]
        return empty.text
    }

    private var global: String {
        """
        # Written by OpsHub; changes are lost.
        global
            stats socket \(settings.socket) mode 600 level admin expose-fd listeners
            log stdout len 8192 format raw daemon
            hard-stop-after 10m\(settings.account.map { "\n    user \($0.user)\n    group \($0.group)" } ?? "")
        """
    }

    private var defaults: String {
        """
        defaults
            mode http
            log global
            # Keep-alive connections that a reload closes get their last answer first.
            option idle-close-on-response
            option forwardfor
            option redispatch 1
            retries 3
            retry-on conn-failure
            timeout connect 2s
            timeout client 60s
            timeout server 60s
            timeout http-request 10s
            timeout http-keep-alive 60s
            timeout queue 5s
            timeout tunnel 1h
            timeout client-fin 10s
            unique-id-format %[date(0,us)]-%[rand]
            unique-id-header X-Request-Id
            log-format "\(Self.quoted(AccessLogFormat.text(map: settings.map(.releases))))"
        """
    }

    private var publicFrontend: String {
        """
        frontend public
            bind \(settings.address):\(settings.port)
            http-request set-var(txn.lane) \(environmentOfHost),map(\(settings.map(.active)))
        \(commonRules)
            use_backend %[var(txn.lane),concat(,txn.path,/),map_beg(\(settings.map(.routes)))]
            default_backend \(Self.unanswered)
        """
    }

    private var environmentOfHost: String { "req.fhdr(host),host_only,lower,map(\(settings.map(.hosts)))" }

    /// After the lane is known (see ``EdgeTables/Map/active``): what is logged, and what the service is told of the client.
    private var commonRules: String {
        """
            http-request set-var(txn.path) path
            # Nothing that a client says of whom it was forwarded for is believed. Host reaches the service as it came.
            http-request del-header forwarded -m sub
            http-request add-header X-Forwarded-Proto http
            # The edge names every request itself (unique-id-header): a name that clients choose proves nothing in a log.
            http-request del-header x-request-id
            http-response set-header X-Request-Id %[unique-id]\(sampling)
        """
    }

    /// Where requests end that no service is there for: it says what is missing.
    private var unansweredBackend: String {
        func answer(_ status: Int, _ title: String, _ header: String = "") -> String {
            "http-request return status \(status) content-type application/json hdr X-OpsHub-Edge '\(title)' "
                + "\(header)string '{\"title\":\"\(title)\"}'"
        }
        let closed = answer(
            503,
            "closed for maintenance",
            "hdr Retry-After \(Self.retryAfter) hdr Cache-Control no-store ",
        )
        return """
            backend \(Self.unanswered)
                \(closed) if { var(txn.lane) -m end /\(EdgeName.Lane.closed.rawValue) }
                \(answer(404, "no service answers for this path")) if { var(txn.lane) -m found } { fe_name public }
                \(answer(404, "no service answers at this port")) if { var(txn.lane) -m found }
                # Only for the log now; the frontend of a port is named after its environment.
                http-request set-var(txn.lane) \(environmentOfHost) if { fe_name public }
                http-request set-var(txn.lane) fe_name,field(1,.,2) unless { fe_name public }
                \(answer(404, "no environment answers for this host")) if !{ var(txn.lane) -m found }
                \(answer(503, "nothing is deployed here yet"))
            """
    }

    private static let unanswered = "unanswered"
    /// Seconds after which a client may ask again of an environment that is closed.
    private static let retryAfter = 10
    /// The cookie that keeps a client with a release; the service never sees it.
    static let stickiness = "OPSHUB_RELEASE"

    private var sampling: String {
        guard settings.logSample > 1 else { return "" }
        return
            "\n    http-response set-log-level silent if { status lt 500 } { rand(\(settings.logSample)) gt 0 }"
    }

    private func sections(_ environment: EdgeState.Environment) -> [String] {
        let frontends = environment.ports.sorted().map { portFrontend(environment.key, $0) }
        let capacities = environment.capacities.sorted { $0.key < $1.key }
        let backends = EdgeName.Lane.serving.flatMap { lane in
            capacities.map { backend(environment, lane, $0.key, capacity: $0.value) }
        }
        return frontends + backends
    }

    private func portFrontend(_ key: EnvironmentKey, _ port: Int) -> String {
        """
        frontend \(EdgeName.environment(key)).port.\(port)
            bind 127.0.0.1:\(port)
            http-request set-var(txn.lane) str(\(EdgeName.environment(key))),map(\(settings.map(.active)))
        \(commonRules)
            use_backend %[var(txn.lane),concat(:\(port)/),map_beg(\(settings.map(.routes)))]
            default_backend \(Self.unanswered)
        """
    }

    private func backend(
        _ environment: EdgeState.Environment,
        _ lane: EdgeName.Lane,
        _ service: ServiceName,
        capacity: Int,
    ) -> String {
        let key = environment.key
        let name = EdgeName.backend(key, lane, service)
        var lines = ["backend \(name)"]
        if lane == .mixed {
            let answered = "\(EdgeName.environment(key))/%[srv_name,field(1,-)]"
            lines.append("    http-response set-var-fmt(txn.lane) \(answered)")
        }
        let isSticky = lane == .mixed && environment.isSticky
        if isSticky { lines.append("    cookie \(Self.stickiness) insert indirect nocache httponly") }
        for slot in lane.slots {
            for replica in 1...max(1, capacity) {
                let server = EdgeName.server(slot, replica)
                let place = tables.servers["\(name)/\(server)"]
                let address = "127.0.0.1:\(place?.port ?? 1) weight \(place?.weight ?? 100)"
                let cookie = isSticky ? " cookie \(server)" : ""
                lines.append(
                    "    server \(server) \(address)\(cookie)\(place?.port == nil ? " disabled" : "")"
                )
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func quoted(_ text: String) -> String {
        text.map { $0 == "\"" ? "\\\"" : String($0) }.joined()
    }
}
