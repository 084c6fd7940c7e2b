// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// How and when a supervised program ended by itself.
public struct ProgramExit: Sendable, Hashable {
    /// When, to the second.
    public let at: Date
    /// How.
    public let ending: ProgramResult.Ending

    /// Describes an ending.
    public init(at: Date, ending: ProgramResult.Ending) {
        self.at = at
        self.ending = ending
    }
}

extension ProgramExit: CustomStringConvertible {
    /// `exit status 3` or `signal 9`.
    public var description: String {
        switch ending {
        case .exited(let status): "exit status \(status)"
        case .signalled(let signal): "signal \(signal)"
        }
    }
}
