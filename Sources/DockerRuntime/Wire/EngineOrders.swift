// SPDX-License-Identifier: Apache-2.0

/// A container to be made.
struct EngineContainerOrder: Encodable {
    struct Healthcheck: Encodable {
        var test: [String]?
        /// In nanoseconds, as all times here.
        var interval: Int64?
        var timeout: Int64?
        var retries: Int?
        var startPeriod: Int64?
        var startInterval: Int64?
    }

    struct PortBinding: Encodable {
        var hostIp: String
        var hostPort: String
    }

    struct RestartPolicy: Encodable {
        var name: String
    }

    struct Mount: Encodable {
        struct Memory: Encodable {
            var sizeBytes: Int64?
            var mode: Int?
        }

        var type: String
        var source: String?
        var target: String
        var readOnly: Bool?
        var tmpfsOptions: Memory?
    }

    struct Ulimit: Encodable {
        var name: String
        var soft: Int
        var hard: Int
    }

    struct LogConfig: Encodable {
        var type: String
        var config: [String: String]
    }

    struct HostConfig: Encodable {
        var networkMode: String
        var portBindings: [String: [PortBinding]] = [:]
        var restartPolicy: RestartPolicy
        var mounts: [Mount] = []
        var memory: Int64?
        var memorySwap: Int64?
        var memoryReservation: Int64?
        var nanoCpus: Int64?
        var cpuShares: Int?
        var pidsLimit: Int?
        var shmSize: Int64?
        var ulimits: [Ulimit] = []
        var capAdd: [String] = []
        var capDrop: [String] = []
        var securityOpt: [String] = []
        var groupAdd: [String] = []
        var readonlyRootfs = false
        var extraHosts: [String] = []
        var `init`: Bool?
        var logConfig: LogConfig
        var oomScoreAdj: Int?
    }

    struct Endpoint: Encodable {
        var aliases: [String]
    }

    struct NetworkingConfig: Encodable {
        var endpointsConfig: [String: Endpoint]
    }

    var image: String
    var entrypoint: [String]?
    var cmd: [String]?
    var env: [String]
    var labels: [String: String]
    var exposedPorts: [String: EngineEmpty] = [:]
    var healthcheck: Healthcheck?
    var user: String?
    var workingDir: String?
    var hostname: String?
    var stopSignal: String?
    /// Whole seconds.
    var stopTimeout: Int?
    var tty = false
    var hostConfig: HostConfig
    var networkingConfig: NetworkingConfig
}

/// A network to be made.
struct EngineNetworkOrder: Encodable {
    var name: String
    var driver: String
    var `internal`: Bool
    var attachable = true
    /// Engines before 25 make a second one of the same name without it.
    var checkDuplicate = true
    var labels: [String: String]
    var options: [String: String] = [:]
}

/// A container to be put into a network.
struct EngineConnectOrder: Encodable {
    var container: String
    var endpointConfig: EngineContainerOrder.Endpoint
}

/// A volume to be made.
struct EngineVolumeOrder: Encodable {
    var name: String
    var labels: [String: String]
}
