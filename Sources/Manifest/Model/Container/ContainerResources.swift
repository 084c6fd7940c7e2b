// SPDX-License-Identifier: Apache-2.0
public import Core

/// What a container may use, besides memory.
public struct ContainerResources: Hashable, Sendable, Codable {
    /// A limit that the kernel keeps for each process (setrlimit(2)).
    public struct ProcessLimit: Hashable, Sendable, Codable {
        /// `nofile`, `nproc`, ….
        public var name: String
        /// What it has.
        public var soft: Int
        /// What it may give itself.
        public var hard: Int

        /// Describes a limit.
        public init(name: String, soft: Int, hard: Int) {
            self.name = name
            self.soft = soft
            self.hard = hard
        }
    }

    /// Processors, in thousandths; nil for all.
    public var millicores: Int?
    /// Its share of busy processors beside others, 2 to 262144; the engine's 1024 when nil.
    public var weight: Int?
    /// Memory that it is left with when the machine runs short.
    public var memoryReservation: ByteCount?
    /// Processes and threads; no limit when nil.
    public var processes: Int?
    /// The size of `/dev/shm`; the engine's choice (64 MiB) when nil.
    public var sharedMemory: ByteCount?
    /// Limits of each process.
    public var limits: [ProcessLimit]

    /// Describes what a container may use.
    public init(
        millicores: Int? = nil,
        weight: Int? = nil,
        memoryReservation: ByteCount? = nil,
        processes: Int? = nil,
        sharedMemory: ByteCount? = nil,
        limits: [ProcessLimit] = [],
    ) {
        self.millicores = millicores
        self.weight = weight
        self.memoryReservation = memoryReservation
        self.processes = processes
        self.sharedMemory = sharedMemory
        self.limits = limits
    }
}
