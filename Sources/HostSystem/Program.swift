// SPDX-License-Identifier: Apache-2.0

/// One call of one program, as a value: it can be shown in a plan and asserted in a test before it is run.
///
/// No shell is involved; `arguments` reach the program as they are.
public struct Program: Hashable, Sendable {
    /// A name looked up in `PATH`, or an absolute path.
    public var executable: String
    /// What follows the executable's own name.
    public var arguments: [String]
    /// Where it runs; the caller's directory when nil.
    public var directory: String?
    /// Variables set on top of those inherited.
    public var environment: [String: String]
    /// Whether the caller's own variables reach the program.
    ///
    /// Off for code that is not ours.
    public var inheritsEnvironment: Bool
    /// Who runs it; the caller when nil.
    public var user: SystemUser?
    /// How long it may take before its process group is ended.
    public var deadline: Duration
    /// Whether it is work that shall keep nobody waiting; see ``BackgroundPriority``.
    public var isBackground = false

    /// Describes a call.
    public init(
        _ executable: String,
        _ arguments: [String] = [],
        in directory: String? = nil,
        environment: [String: String] = [:],
        inheritsEnvironment: Bool = true,
        as user: SystemUser? = nil,
        deadline: Duration = .seconds(60),
    ) {
        self.executable = executable
        self.arguments = arguments
        self.directory = directory
        self.environment = environment
        self.inheritsEnvironment = inheritsEnvironment
        self.user = user
        self.deadline = deadline
    }
}

extension Program {
    /// What a program needs that runs as another account, which may read all of it: nothing of the caller's own.
    public static let plainEnvironment = ["LC_ALL": "C", "PATH": ExecutablePath.folders]
}

extension Program: CustomStringConvertible {
    /// What a person would type to do the same.
    ///
    /// Environment values are left out: they may be secret.
    public var description: String {
        ([executable] + arguments).map(Self.quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./:=@%+,".utf8.contains(byte)
            }
        }
        guard !plain || word.isEmpty else { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
            + "'"
    }
}
