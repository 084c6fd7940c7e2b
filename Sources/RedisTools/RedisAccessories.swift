// SPDX-License-Identifier: Apache-2.0
public import Core
import DataSafety
public import Delivery
public import HostSystem
public import Manifest

/// Redis servers as accessories: supervised by runit outside of the control plane, every write in a log on the disk.
public struct RedisAccessories: AccessoryRuntime {
    let layout: HomeLayout
    private let accounts: UnprivilegedAccount
    /// How long a server may take to answer after it was started; reading its data takes longest.
    private let patience: Duration
    /// Accessories that something is being done to.
    private let busy = Claims<String>()

    /// Servers of a home.
    public init(
        layout: HomeLayout,
        accounts: UnprivilegedAccount = UnprivilegedAccount(),
        patience: Duration = .seconds(120),
    ) {
        self.layout = layout
        self.accounts = accounts
        self.patience = patience
    }

    /// The server that is installed.
    public func version(of accessory: AccessoryManifest) async throws -> String {
        "Redis \(try await RedisProgram.version(try accessory.major))"
    }

    /// Makes the server exist and answer; see ``Delivery/AccessoryRuntime``.
    public func ensure(_ accessory: AccessorySpecification) async throws -> AccessoryAddress {
        let place = place(of: accessory)
        let major = try accessory.manifest.major
        _ = try await RedisProgram.version(major)
        let isMine = try await Patience.wait(patience * 2) {
            busy.take(place.path, for: "an accessory") == nil
        }
        guard isMine else {
            throw Failure(.deadlineExceeded, "\(place.path) is still being started", isRetryable: true)
        }
        defer { busy.release(place.path) }
        try refuseOther(place, accessory, major)
        let owner = try await accounts.ensure(AccountName(accessory.environment, .data))
        try Folder.make(place.path)
        let server = RedisServer(place: place, port: accessory.port, owner: owner)
        try refuseLoss(place, owner)
        // A restore that exchanges data starts the server itself.
        if try FileContent.bytes(of: place.exchanging) != nil, let known = try address(place, accessory.port)
        {
            return known
        }
        try await server.makeData()
        try await server.start(patience)
        try RedisRecord(major: major, port: accessory.port).write(to: place)
        guard let address = try address(place, accessory.port) else {
            throw Failure(.damagedState, "\(place.password) is gone again", hint: "deploy again")
        }
        return address
    }

    /// Where the server answers; nil when it was never made completely.
    public func address(of accessory: AccessorySpecification) async throws -> AccessoryAddress? {
        let place = place(of: accessory)
        guard let record = try RedisRecord(place) else { return nil }
        return try address(place, record.port)
    }

    private func place(of accessory: AccessorySpecification) -> RedisPlace {
        RedisPlace(accessory.manifest.name, of: accessory.environment, in: layout)
    }

    /// Nil without its password, which `ensure` makes anew.
    private func address(_ place: RedisPlace, _ port: Int) throws(Failure) -> AccessoryAddress? {
        try GeneratedPassword.read(place.password).map { .redis(port: port, password: $0) }
    }

    private func refuseOther(
        _ place: RedisPlace,
        _ accessory: AccessorySpecification,
        _ major: Int,
    ) throws(Failure) {
        guard let record = try RedisRecord(place) else {
            guard try Folder.names(in: place.path).contains(where: { $0.hasSuffix(".json") }) else { return }
            throw Failure(
                .conflict,
                "\(place.path) holds something else than a Redis server",
                hint: "give the new accessory another name than \(accessory.manifest.name)",
            )
        }
        // A newer server reads what an older one wrote, and not the other way round.
        guard record.major > major else { return }
        throw Failure(
            .conflict,
            "\(place.data) was written by Redis \(record.major), and opshub.yml asks for \(major)",
            hint: "say 'redis: \(record.major)'",
        )
    }

    private func refuseLoss(_ place: RedisPlace, _ owner: SystemUser) throws(Failure) {
        guard try RedisRecord(place) != nil, !Folder.exists(place.data),
            try FileContent.bytes(of: place.exchanging) == nil
        else { return }
        throw Failure(
            .damagedState,
            "the folder \(place.data) is gone, with everything that Redis kept",
            hint:
                "begin with nothing: install -d -m 700 -o \(owner.name) \(place.data), and deploy; then a backup can be restored into it",
        )
    }
}

extension AccessoryManifest {
    /// Redis's major version.
    fileprivate var major: Int {
        get throws(Failure) {
            guard case .redis(let major) = kind else {
                throw Failure(.unexpected, "\(name) is no Redis server")
            }
            return major
        }
    }
}
