// SPDX-License-Identifier: Apache-2.0
public import Core

/// A long-running program and everything its supervisor must know of it.
public struct SupervisedProgram: Sendable, Hashable {
    /// What the program may use.
    ///
    /// Nil: what the control plane itself may.
    public struct Limits: Sendable, Hashable, Codable {
        /// Open files (RLIMIT_NOFILE).
        public var openFiles: Int?
        /// Private writable memory of each process (RLIMIT_DATA).
        public var memory: ByteCount?

        /// Describes limits.
        public init(openFiles: Int? = nil, memory: ByteCount? = nil) {
            self.openFiles = openFiles
            self.memory = memory
        }
    }

    /// Where what the program writes goes.
    public struct Log: Sendable, Hashable, Codable {
        /// The folder, absolute.
        ///
        /// Belongs to the control plane's own account.
        public var folder: String
        /// A file of this size is put aside, and a new one begun.
        public var fileSize: ByteCount
        /// How many of those put aside are kept.
        public var keptFiles: Int
        /// A program that writes the folder in svlogd's place, and its first arguments: the folder, `--file-size` and
        /// `--kept-files` follow.
        ///
        /// Nil: svlogd, which puts the time before each line. A change alone is no reason to replace what runs.
        public var writer: [String]?

        /// Describes a log.
        public init(
            folder: String,
            fileSize: ByteCount = .mebibytes(1),
            keptFiles: Int = 10,
            writer: [String]? = nil,
        ) {
            self.folder = folder
            self.fileSize = fileSize
            self.keptFiles = keptFiles
            self.writer = writer
        }
    }

    /// How the program is asked to end.
    public struct Stop: Sendable, Hashable, Codable {
        /// Who is asked.
        public enum Reach: String, Sendable, Hashable, Codable {
            /// The program itself, which tells those that it started.
            case program
            /// The program's process group: for a shell that does not pass signals on.
            case group
        }

        /// What it is asked with.
        public var signal: ProcessSignal
        /// Who is asked.
        public var reach: Reach
        /// How long it and all that it started have to end before they are killed.
        public var timeout: Duration

        /// Describes a stop.
        public init(
            signal: ProcessSignal = .terminate,
            reach: Reach = .program,
            timeout: Duration = .seconds(10),
        ) {
            self.signal = signal
            self.reach = reach
            self.timeout = timeout
        }
    }

    /// The service folder (runsv(8)), absolute; belongs to the supervisor and to nothing else, but for `log/main`.
    public var folder: String
    /// The program, absolute or found in `PATH`, and its arguments.
    ///
    /// Seen by everyone: no secrets.
    public var command: [String]
    /// Where it runs, absolute.
    public var directory: String
    /// Its variables; it gets no others than these, ``ambient`` and one that marks it.
    public var variables: [String: Secret]
    /// Variables whose change alone is no reason to replace what runs, such as `PATH`.
    ///
    /// ``variables`` win.
    public var ambient: [String: String]
    /// Who runs it.
    ///
    /// Nil: the control plane's own account, even if that is root.
    public var user: SystemUser?
    /// What it may use.
    public var limits: Limits
    /// Where its output goes.
    ///
    /// Nil: nowhere.
    public var log: Log?
    /// How it is asked to end.
    public var stop: Stop

    /// Describes a supervised program.
    public init(
        folder: String,
        command: [String],
        directory: String,
        variables: [String: Secret] = [:],
        ambient: [String: String] = [:],
        user: SystemUser? = nil,
        limits: Limits = Limits(),
        log: Log? = nil,
        stop: Stop = Stop(),
    ) {
        self.folder = folder
        self.command = command
        self.directory = directory
        self.variables = variables
        self.ambient = ambient
        self.user = user
        self.limits = limits
        self.log = log
        self.stop = stop
    }
}
