// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
public import HostSystem
import InstanceFolders
import Manifest

/// Runs services as supervised processes of this machine, each environment under an account of its own.
///
/// Nothing is remembered in memory: every answer is read from the instance folders and the kernel.
public struct ProcessServiceRuntime: ServiceRuntime {
    private let layout: HomeLayout
    private let fileServer: String
    private let runner: ProgramRunner
    private let supervisor: Supervisor

    /// A runtime below one home.
    ///
    /// `fileServer` is the absolute path of the OpsHub program that serves static files, readable for everyone.
    public init(layout: HomeLayout, fileServer: String, runner: ProgramRunner = ProgramRunner()) {
        self.layout = layout
        self.fileServer = fileServer
        self.runner = runner
        supervisor = Supervisor(runner: runner)
    }

    /// Makes exactly this instance run.
    ///
    /// Besides what the port promises: throws `not-found` when its folder does not exist, `port-taken` when somebody
    /// else listens on its port, whose answers could be mistaken for the instance's own.
    public func start(_ instance: InstanceSpecification) async throws {
        if case .container = instance.program {
            throw Failure(.unexpected, "\(instance.id) is a container, and was to be started as a process")
        }
        guard Folder.exists(instance.directory) else {
            throw Failure(.notFound, "\(instance.id) can't start: \(instance.directory) does not exist")
        }
        let account = EnvironmentAccount(instance.id.environment, .services, in: layout, runner: runner)
        let user = try await account.ensure()
        let folder = InstanceFolder(instance.id, in: layout)
        let record = InstanceRecord(instance)
        if try await knownRecord(folder) != record {
            try await supervisor.clear(folder.path)
            try folder.removeLog()
        }
        if try supervisor.status(of: folder.path)?.isSupervised != true {
            // Ends what a killed supervisor left running, which would hold the port.
            try await supervisor.stop(folder.path)
            try checkPort(of: instance)
        }
        try folder.remember(record)
        try await supervisor.ensure(program(instance, in: folder, as: user, account))
    }

    /// Ends an instance's program and starts it anew.
    public func restart(_ instance: InstanceSpecification) async throws {
        try await supervisor.stop(InstanceFolder(instance.id, in: layout).path)
        try await start(instance)
    }

    /// Ends an instance and everything its program started, and forgets it but for its log.
    public func stop(_ id: InstanceID) async throws {
        let folder = InstanceFolder(id, in: layout)
        guard Folder.exists(folder.path) else { return }
        try await supervisor.clear(folder.path)
        try folder.forget()
    }

    /// What is true of one instance; nil when there is none.
    public func status(of id: InstanceID) async throws -> InstanceStatus? {
        try status(in: InstanceFolder(id, in: layout))
    }

    /// Of the whole session, which a program and all that it starts are in.
    public func memory(of id: InstanceID) async throws -> ByteCount? {
        guard let status = try await status(of: id), case .running(let process) = status.state,
            let session = ProcessTable.entry(process)?.session
        else { return nil }
        return ProcessTable.memory(ofSession: session)
    }

    /// Variables of a supervised instance that are not what they should be.
    public func alteredVariables(of instance: InstanceSpecification) async throws -> [String] {
        let folder = InstanceFolder(instance.id, in: layout)
        guard try folder.record() == InstanceRecord(instance) else { return [] }
        let account = EnvironmentAccount(instance.id.environment, .services, in: layout, runner: runner)
        // Whose name it is does not matter: what an account brings along is not compared.
        return try supervisor.differingVariables(from: program(instance, in: folder, as: .current, account))
    }

    /// Who listens on an instance's port in its place.
    public func intruder(on id: InstanceID) async throws -> String? {
        guard let status = try await status(of: id), case .running(let process) = status.state,
            let holder = LocalPorts.holder(of: status.port)
        else { return nil }
        // A program and all that it starts are in one session, which its supervisor began.
        let isOwn = ProcessTable.entry(holder.process)?.session == ProcessTable.entry(process)?.session
        return isOwn ? nil : holder.description
    }

    /// Every instance of an environment, in any slot, ordered by slot, service, replica.
    public func instances(of environment: EnvironmentKey) async throws -> [InstanceStatus] {
        try InstanceFolder.all(of: environment, in: layout).compactMap(status)
    }

    /// Every instance whose log is kept.
    public func logged(in environment: EnvironmentKey) async throws -> [LoggedInstance] {
        try InstanceFolder.all(of: environment, in: layout).compactMap { try $0.logged() }
    }

    /// What an instance wrote.
    public func log(of id: InstanceID, after cursor: LogCursor?, limit: Int) async throws -> LogPage {
        try LogFolder(path: InstanceFolder(id, in: layout).log).page(after: cursor, limit: limit)
    }

    /// What is known of an instance; a record that can't be read is put aside, and the instance made anew.
    private func knownRecord(_ folder: InstanceFolder) async throws -> InstanceRecord? {
        do {
            return try folder.record()
        } catch  where error.code == .damagedState {
            try folder.quarantine()
            return nil
        }
    }

    private func status(in folder: InstanceFolder) throws -> InstanceStatus? {
        guard let record = try folder.record(), record.isContainer != true else { return nil }
        let supervised = try supervisor.status(of: folder.path)
        return InstanceStatus(
            id: folder.id,
            release: record.release,
            port: record.port,
            state: Self.state(supervised),
            exits: supervised?.exits ?? 0,
            lastExit: supervised?.lastExit?.description,
        )
    }

    private static func state(_ supervised: SupervisedStatus?) -> InstanceStatus.State {
        switch supervised?.state {
        case .running(let process): .running(process: process)
        case .restarting: .restarting
        case .stopped, nil: .stopped
        }
    }

    private func checkPort(of instance: InstanceSpecification) throws(Failure) {
        guard !LocalPorts.isFree(instance.port) else { return }
        let holder = LocalPorts.holder(of: instance.port)?.description ?? "another process"
        throw Failure(
            .portTaken,
            "\(instance.id) can't listen on port \(instance.port): \(holder) does already",
            hint: "see 'ss -ltnp sport = :\(instance.port)', and stop that process",
            isRetryable: true,
        )
    }

    private func program(
        _ instance: InstanceSpecification,
        in folder: InstanceFolder,
        as user: SystemUser,
        _ account: EnvironmentAccount,
    ) -> SupervisedProgram {
        let (command, reach) = command(of: instance)
        var variables = ["HOST": Secret("127.0.0.1")].merging(instance.variables) { $1 }
        variables["PORT"] = Secret("\(instance.port)")
        return SupervisedProgram(
            folder: folder.path,
            command: command,
            directory: instance.directory,
            variables: variables,
            ambient: account.variables(of: user),
            user: user,
            limits: .init(openFiles: instance.limits.files, memory: instance.limits.memory),
            log: .init(folder: folder.log),
            stop: .init(reach: reach, timeout: instance.limits.stopTimeout),
        )
    }

    private func command(of instance: InstanceSpecification) -> ([String], SupervisedProgram.Stop.Reach) {
        switch instance.program {
        case .container:
            // Refused before anything is made of it.
            return ([], .program)
        case .command(let text):
            let line = ShellLine(text)
            return (line.command, line.reach)
        case .files(let folder):
            let root = "\(instance.directory)/\(folder)"
            return ([fileServer, "static-files", "--root", root, "--port", "\(instance.port)"], .program)
        }
    }
}
