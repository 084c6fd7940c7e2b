// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem

/// Exchanges folders by renaming them.
///
/// While one is shut it lies where only OpsHub gets in, and so do copies and those that are kept. What a program has open stays open:
/// it goes on writing into the folder that is kept, until it is started anew.
public struct FolderExchange: DatabaseExchange {
    private let layout: HomeLayout

    /// Folders of a home.
    public init(layout: HomeLayout) {
        self.layout = layout
    }

    /// Nothing but files belongs to a folder; throws `invalid` for SQL.
    public func dress(_ copy: ScratchDatabase, like folder: DatabaseTarget, masking: String?) async throws {
        guard masking == nil else {
            throw Failure(.invalid, "\(folder) is a folder, where no SQL can mask anything")
        }
    }

    /// Puts it where only OpsHub gets in; see ``DataSafety/DatabaseExchange``.
    public func shut(_ folder: DatabaseTarget) async throws {
        let place = FolderPlace(folder, in: layout)
        guard !Folder.exists(place.shut) else { return try setStrayAside(place) }
        guard Folder.exists(place.files) else { return }
        try rename(place.files, to: place.shut, in: place)
    }

    /// Puts it back; see ``DataSafety/DatabaseExchange``.
    public func open(_ folder: DatabaseTarget) async throws {
        let place = FolderPlace(folder, in: layout)
        if Folder.exists(place.shut) {
            try setStrayAside(place)
            try rename(place.shut, to: place.files, in: place)
        }
        try Folder.removeFile(place.exchanging)
    }

    /// Exchanges two folders; see ``DataSafety/DatabaseExchange``.
    ///
    /// Two steps: between them there is no folder of that name, and a second call does what is missing.
    public func exchange(_ folder: DatabaseTarget, with copy: String, keeping kept: String) async throws {
        let place = FolderPlace(folder, in: layout)
        let (copy, kept) = (place.copy(copy), place.copy(kept))
        guard Folder.exists(copy) else {
            // It was done before.
            guard Folder.exists(kept), place.live != nil else {
                throw Failure(.notFound, "\(copy) is gone, so it can't take the place of \(folder)")
            }
            return try await open(folder)
        }
        try Folder.make(place.closed, mode: 0o700)
        try DurableFile.write("", to: place.exchanging, mode: 0o600)
        if Folder.exists(place.shut) { try setStrayAside(place) }
        // Between the two renames of an earlier call an application may have made a folder of that name, where it can.
        if Folder.exists(kept), Folder.exists(place.files) { try setStrayAside(place) }
        if let live = place.live {
            guard !Folder.exists(kept) else {
                throw Failure(
                    .conflict,
                    "\(kept) is there already, so \(folder) can't be kept under that name",
                )
            }
            try rename(live, to: kept, in: place)
        } else if !Folder.exists(kept) {
            // Somebody had removed it, and that can be taken back too.
            try Folder.make(kept, mode: 0o700)
        }
        try rename(copy, to: place.files, in: place)
        try Folder.removeFile(place.exchanging)
    }

    /// Where OpsHub is not root, an application may make a folder of that name while its own is shut; what it has put there is kept
    /// and never counted.
    private func setStrayAside(_ place: FolderPlace) throws(Failure) {
        guard Folder.exists(place.files) else { return }
        let name = "\(ScratchDatabase.copyPrefix)stray_\(UInt32.random(in: .min ... .max))"
        try rename(place.files, to: place.copy(name), in: place)
    }

    /// OpsHub's own folders beside one; see ``DataSafety/DatabaseExchange``.
    public func names(beside folder: DatabaseTarget) async throws -> [String]? {
        let place = FolderPlace(folder, in: layout)
        guard try FileContent.bytes(of: place.record) != nil else { return nil }
        return try place.copies()
    }

    /// Nobody counts what is written to files, and they have no definitions.
    public func present(
        _ folder: DatabaseTarget
    ) async throws -> (WriteCounters, definitions: [String: String]) {
        (WriteCounters(identity: ""), [:])
    }

    private func rename(_ path: String, to target: String, in place: FolderPlace) throws(Failure) {
        try Folder.make(place.closed, mode: 0o700)
        try Folder.rename(path, to: target)
        try DurableFolder.sync(place.closed)
        try DurableFolder.sync(place.path)
    }
}
