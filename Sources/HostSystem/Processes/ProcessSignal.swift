// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A signal that people send to programs.
///
/// The raw value is its name as `kill -s` takes it.
public enum ProcessSignal: String, Sendable, Hashable, Codable, CaseIterable {
    /// Read your configuration again.
    case hangup = "HUP"
    /// Stop; for PostgreSQL: disconnect everybody first.
    case interrupt = "INT"
    /// Stop at once; for nginx and HAProxy: when nobody waits any more.
    case quit = "QUIT"
    /// Means what the program says.
    case user1 = "USR1"
    /// Means what the program says.
    case user2 = "USR2"
    /// Means what the program says.
    case alarm = "ALRM"
    /// Stop.
    case terminate = "TERM"
    /// Can't be refused.
    case kill = "KILL"

    /// As kill(2) takes it.
    public var number: Int32 {
        switch self {
        case .hangup: SIGHUP
        case .interrupt: SIGINT
        case .quit: SIGQUIT
        case .user1: SIGUSR1
        case .user2: SIGUSR2
        case .alarm: SIGALRM
        case .terminate: SIGTERM
        case .kill: SIGKILL
        }
    }

    /// What makes runsv send it (runsv(8), CONTROL).
    var control: Character {
        switch self {
        case .hangup: "h"
        case .interrupt: "i"
        case .quit: "q"
        case .user1: "1"
        case .user2: "2"
        case .alarm: "a"
        case .terminate: "t"
        case .kill: "k"
        }
    }
}
