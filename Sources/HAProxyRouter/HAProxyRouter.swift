// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
public import FoundationEssentials
public import HostSystem

/// The edge on HAProxy: its files say what it shall do, its runtime socket makes it so without a reload.
///
/// A change is written to the files first, then made at the running edge: an edge that dies in between is started again
/// with the change, and a change that the running edge refuses is taken out of the files again.
public struct HAProxyRouter: TrafficRouter {
    private let settings: EdgeSettings
    private let files: EdgeFiles
    private let process: EdgeProcess
    private let socket: RuntimeSocket
    private let running: RunningEdge
    private let runner: ProgramRunner
    private let turnstile = Turnstile()

    /// HAProxy; before 2.6 its runtime commands do not do what is needed here.
    public static let program = RequiredProgram(
        "HAProxy",
        Program("haproxy", ["-v"]),
        oldest: [2, 6],
        package: "haproxy",
    )

    /// A router of an installation's one edge.
    public init(
        settings: EdgeSettings,
        supervisor: Supervisor = Supervisor(),
        runner: ProgramRunner = ProgramRunner(),
    ) {
        self.settings = settings
        self.runner = runner
        files = EdgeFiles(settings: settings)
        process = EdgeProcess(settings: settings, supervisor: supervisor, runner: runner)
        socket = RuntimeSocket(path: settings.socket)
        running = RunningEdge(socket: socket, settings: settings)
    }

    /// Makes the edge run with what its files say, and brings the running one in line with them.
    ///
    /// Loses no request.
    ///
    /// - Parameter restoring: What the edge should be doing, asked only when it has lost its own state (or has none yet).
    /// - Throws: `missing-program` without HAProxy 2.6 or newer, `port-taken` when somebody else holds the public port,
    ///   `damaged-state` when the edge's own state can't be read; it is left as it is then.
    public func start(
        restoring: () async throws -> [EnvironmentTraffic] = { [] }
    ) async throws {
        try await turnstile.pass {
            _ = try await Self.program.version(runner: runner)
            let state: EdgeState
            if let own = try files.read() { state = own } else { state = EdgeState(try await restoring()) }
            let isRunning = (try? await socket.ask("show info")) != nil  // No answer: it is started below.
            if !isRunning, let holder = LocalPorts.holder(of: settings.port) {
                throw Failure(
                    .portTaken,
                    "the edge's public port \(settings.port) is taken by \(holder)",
                    hint: "stop it, or choose another address: opshub serve --public 127.0.0.1:PORT",
                )
            }
            let needsReload = try isRunning && isNewShape(state)
            try await checkConfiguration(of: state)
            try files.publish(state)
            try await process.ensure(socket)
            if needsReload {
                try await process.reload(socket, epoch: running.epoch)
            } else {
                try await align(to: state)
            }
            try files.remember(state)
        }
    }

    /// Ends the edge and everyone's access to it; for tests and for taking OpsHub off a machine.
    public func stop() async throws {
        try await turnstile.pass { try await process.supervisor.stop(settings.service) }
    }

    /// Says what is in a slot.
    public func place(_ placement: SlotPlacement) async throws {
        try await change { state in
            try state.checkClaims(of: placement)
            var entry = state[placement.environment] ?? EdgeState.Environment(key: placement.environment)
            guard entry.placements[placement.slot] != placement else { return }
            try Self.refuseTraffic(to: placement.slot, of: entry, "placed anew")
            entry.placements[placement.slot] = placement
            state[placement.environment] = entry
        }
    }

    /// Forgets what was in a slot.
    public func clear(_ slot: Slot, of environment: EnvironmentKey) async throws {
        try await change { state in
            guard var entry = state[environment], entry.placements[slot] != nil else { return }
            try Self.refuseTraffic(to: slot, of: entry, "cleared")
            entry.placements[slot] = nil
            state[environment] = entry.placements.isEmpty ? nil : entry
        }
    }

    /// Makes the edge forget an environment.
    public func remove(_ environment: EnvironmentKey) async throws {
        try await change { $0[environment] = nil }
    }

    /// Directs new requests.
    public func direct(_ traffic: TrafficSplit, of environment: EnvironmentKey) async throws {
        try await change { state in
            guard var entry = state[environment] else { throw Self.unknown(environment) }
            for slot in Slot.allCases where traffic.reaches(slot) {
                // Invariant 2: traffic never goes where nobody listens.
                guard entry.placements[slot]?.instances.values.contains(where: { !$0.isEmpty }) == true else {
                    throw Failure(
                        .edgeFailed,
                        "slot \(slot) of \(environment) has no instance to send traffic to",
                    )
                }
            }
            entry.split = traffic
            state[environment] = entry
        }
    }

    /// What the running edge does.
    public func observe(_ environment: EnvironmentKey) async throws -> ObservedTraffic? {
        guard let entry = try files.read()?[environment] else { return nil }
        let tables = try await running.tables()
        let (_, inFlight) = try await running.traffic(of: environment)
        var ports: [Slot: Set<Int>] = [:]
        for slot in Slot.allCases {
            let prefix = "\(EdgeName.environment(environment)).\(slot)."
            ports[slot] = Set(tables.servers.filter { $0.key.hasPrefix(prefix) }.compactMap(\.value.port))
        }
        return ObservedTraffic(
            split: Self.split(tables, entry),
            inFlight: inFlight,
            ports: ports,
            listens: entry.ports,
        )
    }

    /// What the running edge does for all environments, from one look at its tables.
    public func survey() async throws -> EdgeSurvey {
        guard let state = try files.read() else { return EdgeSurvey(splits: [:]) }
        let tables = try await running.tables()
        var survey = EdgeSurvey(splits: [:])
        for entry in state.environments {
            survey.splits[entry.key] = Self.split(tables, entry)
            survey.deviations[entry.key] = EdgeTables(EdgeState(environments: [entry]))
                .deviations(of: tables, for: entry.key)
        }
        return survey
    }

    /// Brings the running edge in line with its files.
    public func realign() async throws {
        try await turnstile.pass {
            guard let state = try files.read() else { return }
            try files.publish(state)
            try await align(to: state)
        }
    }

    /// Whether no worker of an earlier configuration answers any more.
    public func isSettled() async throws -> Bool {
        let current = try await running.worker()
        return try process.workers().allSatisfy { $0 == current }
    }

    /// What each slot has answered.
    public func counters(of environment: EnvironmentKey) async throws -> TrafficCounters {
        let epoch = try await running.epoch()
        return TrafficCounters(epoch: epoch, slots: try await running.traffic(of: environment).totals)
    }

    /// Latency of what a slot answered since a moment.
    public func latency(
        of slot: Slot,
        in environment: EnvironmentKey,
        since: Date,
    ) async throws -> LatencySummary? {
        try AccessLog(folder: settings.log, sample: settings.logSample)
            .latency(of: slot, in: EdgeName.environment(environment), since: since)
    }
}

extension HAProxyRouter {
    private func change(_ body: (inout EdgeState) throws -> Void) async throws {
        try await turnstile.pass {
            let before = try files.read() ?? EdgeState()
            var after = before
            try body(&after)
            let needsReload = try isNewShape(after)
            do {
                if needsReload {
                    try checkPorts(after, before)
                    try await checkConfiguration(of: after)
                }
                try files.publish(after)
                if needsReload {
                    try await process.reload(socket, epoch: running.epoch)
                    try files.remember(after)
                } else {
                    try await align(to: after)
                }
            } catch {
                // Back to files that say what the running edge does.
                try files.publish(before)
                if !needsReload { try await align(to: before) }
                throw error
            }
        }
    }

    /// Whether the running edge has read a configuration of another shape, so that it must read this one.
    private func isNewShape(_ state: EdgeState) throws -> Bool {
        try files.shape() != EdgeConfiguration(settings: settings, state: state).shape
    }

    /// A reload with a port that somebody else holds would leave the old worker running with the old files.
    private func checkPorts(_ after: EdgeState, _ before: EdgeState) throws {
        func ports(_ state: EdgeState) -> Set<Int> {
            Set(state.environments.flatMap(\.ports))
        }
        for port in ports(after).subtracting(ports(before)).sorted() {
            guard let holder = LocalPorts.holder(of: port) else { continue }
            throw Failure(
                .portTaken,
                "port \(port) is taken by \(holder)",
                hint: "stop it, or use another port in opshub.yml",
            )
        }
    }

    /// HAProxy itself must take a configuration of a new shape before it is put in place.
    private func checkConfiguration(of state: EdgeState) async throws {
        try await process.checkConfiguration(try files.draft(state))
    }

    private func align(to state: EdgeState) async throws {
        let commands = EdgeTables(state).commands(from: try await running.tables()) { settings.map($0) }
        try await socket.run(commands)
    }

    private static func split(_ tables: EdgeTables, _ entry: EdgeState.Environment) -> TrafficSplit {
        switch tables.lane(of: entry.key) {
        case nil: .none
        case .closed: .closed
        case .blue: .all(.blue)
        case .green: .all(.green)
        // How much each slot gets was told to the edge in weights of servers; the files say it in percent.
        case .mixed:
            if case .shared = entry.split { entry.split } else { .shared(incoming: .green, percent: 50) }
        }
    }

    private static func refuseTraffic(
        to slot: Slot,
        of entry: EdgeState.Environment,
        _ what: String,
    ) throws(Failure) {
        guard entry.split.reaches(slot) else { return }
        throw Failure(.edgeFailed, "slot \(slot) of \(entry.key) has traffic; it can't be \(what)")
    }

    private static func unknown(_ environment: EnvironmentKey) -> Failure {
        Failure(.edgeFailed, "the edge does not know \(environment)")
    }
}
