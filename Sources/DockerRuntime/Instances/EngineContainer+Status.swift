// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery

extension EngineContainer {
    /// Whether its program runs.
    var isRunning: Bool { state.status == "running" }

    /// The container as an instance; nil when its labels don't say of which release it is.
    func status(of id: InstanceID) -> InstanceStatus? {
        guard let labels = config.labels, let release = labels[EngineLabels.release],
            let port = labels[EngineLabels.port].flatMap({ Int($0) })
        else { return nil }
        return InstanceStatus(
            id: id,
            release: ReleaseID(release),
            port: port,
            state: instanceState,
            exits: restartCount + (hasEnded ? 1 : 0),
            lastExit: hasEnded || state.status == "restarting" ? ending : nil,
            check: check,
        )
    }

    /// How its program ended: `exit status 3`, `signal 9`, or that it took more memory than it may.
    var ending: String {
        if state.oomKilled {
            return "killed: it took more memory than its limit of \(ByteCount(hostConfig.memory))"
        }
        if !state.error.isEmpty { return "exit status \(state.exitCode): \(state.error)" }
        return state.exitCode > 128 ? "signal \(state.exitCode - 128)" : "exit status \(state.exitCode)"
    }

    /// Ended, and nobody asked it to: one that was never started has no process either.
    private var hasEnded: Bool {
        ["exited", "dead"].contains(state.status) && EngineTime.date(state.startedAt) != nil
    }

    private var instanceState: InstanceStatus.State {
        switch state.status {
        case "running", "paused": .running(process: state.pid)
        case "restarting": .restarting
        default: .stopped
        }
    }

    private var check: ContainerHealth? {
        switch state.health?.status {
        case "healthy": .healthy
        case "starting": .starting
        case "unhealthy":
            .unhealthy(state.health?.log?.last?.output.trimmingBlanks ?? "")
        default: nil
        }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        let body = drop { $0.isWhitespace }
        return String(body.prefix(body.count - body.reversed().prefix { $0.isWhitespace }.count))
    }
}
