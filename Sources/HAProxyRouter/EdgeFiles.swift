// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import HostSystem

/// The edge's files: its state, and the configuration and maps that are made from it.
struct EdgeFiles {
    let settings: EdgeSettings

    /// The state; nil when there never was one.
    ///
    /// - Throws: `damaged-state` when it can't be read. The running edge goes on with what it has.
    func read() throws -> EdgeState? {
        guard let bytes = try FileContent.bytes(of: settings.state) else { return nil }
        do {
            return try JSONDecoder().decode(EdgeState.self, from: Data(bytes))
        } catch {
            throw Failure(
                .damagedState,
                "\(settings.state) can't be read; the edge goes on as it is",
                hint:
                    "move the file away and start opshub serve again: it is made anew from what is recorded and what runs",
                cause: String(describing: error),
            )
        }
    }

    /// The shape of the configuration that the running edge has read; nil when nobody knows.
    func shape() throws -> String? {
        try FileContent.text(of: "\(settings.configuration).shape")
    }

    /// Writes down that the running edge has read the configuration of this state.
    ///
    /// Never before it has: a control plane that dies in between must reload when it is back.
    func remember(_ state: EdgeState) throws {
        let shape = EdgeConfiguration(settings: settings, state: state).shape
        guard try self.shape() != shape else { return }
        try DurableFile.write(shape, to: "\(settings.configuration).shape")
    }

    /// Writes the configuration and maps where HAProxy can check them, without touching those in use.
    ///
    /// - Returns: The draft's path.
    func draft(_ state: EdgeState) throws -> String {
        try Folder.make(settings.folder)
        let path = "\(settings.configuration).draft"
        // Checking reads the maps that are in use: entries need no check, and at first they must exist.
        for map in EdgeTables.Map.allCases where try FileContent.bytes(of: settings.map(map)) == nil {
            try DurableFile.write("", to: settings.map(map))
        }
        try DurableFile.write(EdgeConfiguration(settings: settings, state: state).text, to: path)
        return path
    }

    /// Writes everything.
    ///
    /// The state comes last: what it says is in the other files already.
    func publish(_ state: EdgeState) throws {
        for (map, entries) in EdgeTables(state).maps {
            let lines = entries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
            try DurableFile.write(lines.joined(), to: settings.map(map))
        }
        let text = EdgeConfiguration(settings: settings, state: state).text
        try DurableFile.write(text, to: settings.configuration)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try DurableFile.write(Array(try encoder.encode(state)), to: settings.state, mode: 0o600)
    }
}
