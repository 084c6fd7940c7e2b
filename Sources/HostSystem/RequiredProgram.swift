// SPDX-License-Identifier: Apache-2.0
import Core

/// A program that OpsHub can't do without, and the oldest version of it that will do.
public struct RequiredProgram: Hashable, Sendable {
    /// What people call it.
    public let name: String
    /// The call that makes it say its version.
    public let call: Program
    /// The oldest version that will do: `[2, 6]`.
    public let oldest: [Int]
    /// The package that has it.
    public let package: String

    /// Describes a requirement.
    public init(_ name: String, _ call: Program, oldest: [Int], package: String) {
        self.name = name
        self.call = call
        self.oldest = oldest
        self.package = package
    }

    /// The version that is installed, as the program writes it.
    ///
    /// - Throws: `missing-program` when it is not installed, or is too old.
    public func version(runner: ProgramRunner = ProgramRunner()) async throws -> String {
        let result: ProgramResult
        do {
            result = try await runner.run(call).checked(doing: "asking \(name) for its version")
        } catch let failure as Failure where failure.code == .missingProgram {
            throw Failure(
                .missingProgram,
                "\(name) is not installed",
                hint: "apt-get install \(package) (script/bootstrap does it)",
            )
        }
        let words = result.output.split(whereSeparator: \.isWhitespace)
        let afterVersion = words.firstIndex { $0.lowercased() == "version" }.map { $0 + 1 } ?? words.endIndex
        let version = words[afterVersion...].first.map(String.init) ?? ""
        let numbers = version.split { !$0.isNumber }.compactMap { Int($0) }
        guard !numbers.isEmpty, !numbers.lexicographicallyPrecedes(oldest) else {
            throw Failure(
                .missingProgram,
                "\(name) \(version) is too old; \(oldest.map(String.init).joined(separator: ".")) or newer is needed",
                hint: "install \(package) from your distribution's backports, then start opshub serve again",
            )
        }
        return version
    }
}
