// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
public import HostSystem
public import Manifest

/// Folders of files that outlive releases, such as uploads; services of their environment may read and write them, and nobody else.
public struct FolderAccessories: AccessoryRuntime {
    private let layout: HomeLayout
    private let accounts: UnprivilegedAccount

    /// Folders of a home.
    public init(layout: HomeLayout, accounts: UnprivilegedAccount = UnprivilegedAccount()) {
        self.layout = layout
        self.accounts = accounts
    }

    /// The program that packs them.
    public func version(of accessory: AccessoryManifest) async throws -> String {
        "tar \(try await Tar.version())"
    }

    /// Makes the folder, empty, unless it was made before; see ``Delivery/AccessoryRuntime``.
    ///
    /// Throws `damaged-state` when somebody has removed it since.
    public func ensure(_ accessory: AccessorySpecification) async throws -> AccessoryAddress {
        let place = place(of: accessory)
        if try FileContent.bytes(of: place.record) == nil {
            guard try !Folder.names(in: place.path).contains(where: { $0.hasSuffix(".json") }) else {
                throw Failure(
                    .conflict,
                    "\(place.path) holds something else than a folder",
                    hint: "give the folder another name than \(accessory.manifest.name)",
                )
            }
            try await make(place, of: accessory.environment)
        }
        guard try place.live != nil || FileContent.bytes(of: place.exchanging) != nil else {
            let owner = try await accounts.ensure(AccountName(accessory.environment, .services))
            throw Failure(
                .damagedState,
                "the folder \(place.files) is gone, with every file in it",
                hint:
                    "make it: install -d -m 700 -o \(owner.name) \(place.files); then opshub backup list -e \(accessory.environment.environment) shows what can be restored into it",
            )
        }
        return .folder(place.files)
    }

    /// Where it is; nil when it was never made.
    public func address(of accessory: AccessorySpecification) async throws -> AccessoryAddress? {
        let place = place(of: accessory)
        return try FileContent.bytes(of: place.record).map { _ in .folder(place.files) }
    }

    private func place(of accessory: AccessorySpecification) -> FolderPlace {
        FolderPlace(accessory.manifest.name, of: accessory.environment, in: layout)
    }

    private func make(_ place: FolderPlace, of environment: EnvironmentKey) async throws {
        let owner = try await accounts.ensure(AccountName(environment, .services))
        try Folder.make(place.path)
        if place.live == nil {
            try Folder.remove(place.unfinished)
            try Folder.make(place.unfinished, mode: 0o700)
            try Folder.setOwner(userID: owner.userID, groupID: owner.groupID, of: place.unfinished)
            try Folder.rename(place.unfinished, to: place.files)
            try DurableFolder.sync(place.path)
        }
        try DurableFile.write("{\"format\":1}\n", to: place.record, mode: 0o600)
    }
}
