// SPDX-License-Identifier: Apache-2.0

/// What the engine is.
struct EngineVersions: Decodable {
    struct Component: Decodable {
        let name: String
    }

    let version: String
    let apiVersion: String
    let minAPIVersion: String?
    let components: [Component]?
}

/// Why the engine says no.
struct EngineProblem: Decodable {
    let message: String
}

/// Something new.
struct EngineCreated: Decodable {
    let id: String
    let warnings: [String]?
}

/// A container in a list.
struct EngineContainerEntry: Decodable {
    let id: String
    let names: [String]
    let labels: [String: String]?
    let state: String
}

/// A container as it is.
struct EngineContainer: Decodable {
    struct State: Decodable {
        struct Health: Decodable {
            struct Entry: Decodable {
                let exitCode: Int
                let output: String
            }

            let status: String
            let failingStreak: Int
            let log: [Entry]?
        }

        /// `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`.
        let status: String
        let pid: Int32
        let exitCode: Int
        let oomKilled: Bool
        let error: String
        let startedAt: String
        let finishedAt: String
        let health: Health?

        enum CodingKeys: String, CodingKey {
            case status, pid, exitCode, error, startedAt, finishedAt, health
            case oomKilled = "oOMKilled"
        }
    }

    struct Config: Decodable {
        let labels: [String: String]?
        let env: [String]?
        let image: String
        let tty: Bool
        /// Whole seconds.
        let stopTimeout: Int?
    }

    struct HostConfig: Decodable {
        let memory: Int64
    }

    struct NetworkSettings: Decodable {
        struct Binding: Decodable {
            let hostIp: String
            let hostPort: String
        }

        let ports: [String: [Binding]?]?
        let networks: [String: EngineEmpty]?
    }

    let id: String
    let name: String
    /// The image's own name: `sha256:…`.
    let image: String
    let restartCount: Int
    let state: State
    let config: Config
    let hostConfig: HostConfig
    let networkSettings: NetworkSettings
}

/// An image in a list.
struct EngineImageEntry: Decodable {
    let id: String
    let repoTags: [String]?
}

/// An image as it is.
struct EngineImage: Decodable {
    struct Config: Decodable {
        let env: [String]?
        let exposedPorts: [String: EngineEmpty]?
        let volumes: [String: EngineEmpty]?
        let user: String?
        let labels: [String: String]?
    }

    let id: String
    let repoTags: [String]?
    let repoDigests: [String]?
    let size: Int64
    let config: Config?
}

/// `{}`.
struct EngineEmpty: Codable, Hashable {}

/// A network or volume that is there.
struct EngineNetwork: Decodable {
    let id: String
    let name: String
    let labels: [String: String]?
    let containers: [String: EngineNetworkMember]?
}

/// Who is in a network.
struct EngineNetworkMember: Decodable {
    let name: String
}

/// A volume that is there.
struct EngineVolume: Decodable {
    let name: String
    let labels: [String: String]?
}

/// What a container uses at a moment.
struct EngineStatistics: Decodable {
    struct Memory: Decodable {
        let usage: Int64?
        let stats: [String: Int64]?
    }

    let memory: Memory?

    enum CodingKeys: String, CodingKey {
        case memory = "memory_stats"
    }
}
