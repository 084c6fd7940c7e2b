// SPDX-License-Identifier: Apache-2.0
public import Core

/// Where services run.
///
/// Instances outlive the control plane.
public protocol ServiceRuntime: Sendable {
    /// Makes exactly this instance run, and returns once its supervisor has taken it; says nothing of its health.
    ///
    /// Idempotent: an instance that already runs with the same specification is left alone; one with another
    /// specification is stopped and replaced. Cancelled half-way, it can be called again.
    func start(_ instance: InstanceSpecification) async throws

    /// Ends an instance's program and everything that it started, as ``stop(_:)`` does, and starts it anew. Cut short, it is left
    /// stopped or running, on the same port, and can be called again.
    func restart(_ instance: InstanceSpecification) async throws

    /// Ends an instance and everything its program started, and forgets it: asks first, kills after the stop timeout
    /// that it was started with. Its logs stay. Idempotent: an instance that does not exist is stopped.
    func stop(_ id: InstanceID) async throws

    /// What is true of one instance; nil when there is none.
    func status(of id: InstanceID) async throws -> InstanceStatus?

    /// Resident memory of an instance's program and everything that it started; nil when it does not run.
    func memory(of id: InstanceID) async throws -> ByteCount?

    /// Names of variables that an instance is supervised with and that are not what the specification says; empty when all
    /// are, or when there is no such instance.
    func alteredVariables(of instance: InstanceSpecification) async throws -> [String]

    /// Who listens on a running instance's port in its place, in words; nil when it is the instance itself, or nobody,
    /// or it can't be seen. An answer from that port would not be the instance's.
    func intruder(on id: InstanceID) async throws -> String?

    /// Every instance of an environment, in any slot, ordered by slot, service, replica.
    func instances(of environment: EnvironmentKey) async throws -> [InstanceStatus]

    /// Loopback ports that instances of an environment were given, also of those that don't run; known without asking anybody else
    /// than this machine.
    func ports(of environment: EnvironmentKey) async throws -> Set<Int>

    /// Every instance of an environment whose log is kept, in the same order: also those that were stopped, until another
    /// release is started in their place.
    func logged(in environment: EnvironmentKey) async throws -> [LoggedInstance]

    /// What an instance wrote, oldest first: the last `limit` lines, or the first `limit` lines after `cursor`.
    ///
    /// An instance that does not exist (any more) still has its log until its slot is used again; without any the
    /// page is empty.
    func log(of id: InstanceID, after cursor: LogCursor?, limit: Int) async throws -> LogPage
}

extension ServiceRuntime {
    /// Those of its instances, where nobody else has to be asked for them.
    public func ports(of environment: EnvironmentKey) async throws -> Set<Int> {
        Set(try await instances(of: environment).map(\.port))
    }
}
