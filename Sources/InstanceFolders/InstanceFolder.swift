// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
import HostSystem

/// The folder of one instance, `slots/<slot>/<service>.<n>`: its service folder, with its log in `log/main`.
public struct InstanceFolder: Hashable, Sendable {
    /// The instance.
    public let id: InstanceID
    /// The folder.
    public let path: String

    /// The folder of an instance.
    public init(_ id: InstanceID, in layout: HomeLayout) {
        self.id = id
        path = "\(layout.slot(id.slot.rawValue, of: id.environment))/\(id.service).\(id.replica)"
    }

    /// Where its log is.
    public var log: String { "\(path)/log/main" }

    private var recordPath: String { "\(path)/instance.json" }
    /// What the record was when the instance was stopped: whose log this is.
    private var lastPath: String { "\(path)/last.json" }

    /// What is known of the instance; nil when there is none.
    ///
    /// Throws `damaged-state` when it can't be read.
    public func record() throws(Failure) -> InstanceRecord? {
        guard let json = try FileContent.bytes(of: recordPath) else { return nil }
        return try InstanceRecord(json: json, path: recordPath)
    }

    /// Remembers an instance before it is started, so that nothing ever runs that is not known.
    public func remember(_ record: InstanceRecord) throws {
        try Folder.make(path, mode: 0o700)
        try DurableFile.write(record.json(), to: recordPath, mode: 0o600)
    }

    /// Whether what runs or ran here last is a container; false when nothing is known.
    public var isContainer: Bool {
        get throws(Failure) {
            for path in [recordPath, lastPath] {
                guard let json = try FileContent.bytes(of: path) else { continue }
                return try InstanceRecord(json: json, path: path).isContainer == true
            }
            return false
        }
    }

    /// Whose log is here: the instance's own, or that of the one that was stopped last; nil when there is none.
    public func logged() throws(Failure) -> LoggedInstance? {
        if let record = try record() {
            return LoggedInstance(id: id, release: record.release, isGone: false)
        }
        guard let json = try FileContent.bytes(of: lastPath) else { return nil }
        let last = try InstanceRecord(json: json, path: lastPath)
        return LoggedInstance(id: id, release: last.release, isGone: true)
    }

    /// Forgets the instance after it was stopped; its log stays, and whose it is.
    public func forget() throws(Failure) {
        guard try FileContent.bytes(of: recordPath) != nil else { return }
        try Folder.rename(recordPath, to: lastPath)
    }

    /// Removes the log of whatever ran here before.
    public func removeLog() throws(Failure) {
        try Folder.remove(log)
        try Folder.remove(lastPath)
    }

    /// Puts a record that can't be read aside, where a person can look at it.
    public func quarantine() throws(Failure) {
        try Folder.rename(recordPath, to: recordPath + ".damaged")
    }

    /// Every folder that an instance of an environment has or had, ordered by slot, service and replica.
    public static func all(
        of environment: EnvironmentKey,
        in layout: HomeLayout,
    ) throws(Failure) -> [InstanceFolder] {
        var folders: [InstanceFolder] = []
        for slot in Slot.allCases {
            for name in try Folder.names(in: layout.slot(slot.rawValue, of: environment)) {
                guard let id = id(name, slot, environment) else { continue }
                folders.append(InstanceFolder(id, in: layout))
            }
        }
        return folders.sorted {
            ($0.order, $0.id.service, $0.id.replica) < ($1.order, $1.id.service, $1.id.replica)
        }
    }

    private var order: Int { Slot.allCases.firstIndex(of: id.slot) ?? 0 }

    /// `backend.1` in a slot; nil for what is none.
    private static func id(_ name: String, _ slot: Slot, _ environment: EnvironmentKey) -> InstanceID? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, NameRule.admits(String(parts[0])), let replica = Int(parts[1]), replica > 0
        else {
            return nil
        }
        return InstanceID(environment, slot, ServiceName(String(parts[0])), replica)
    }
}
