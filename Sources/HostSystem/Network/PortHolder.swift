// SPDX-License-Identifier: Apache-2.0

/// Who listens on a port.
public struct PortHolder: Sendable, Hashable, CustomStringConvertible {
    /// Its process.
    public let process: Int32
    /// The name of its program.
    public let name: String

    /// Describes who listens.
    public init(process: Int32, name: String) {
        self.process = process
        self.name = name
    }

    /// `nginx (pid 812)`.
    public var description: String { "\(name) (pid \(process))" }
}
