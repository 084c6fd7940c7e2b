// SPDX-License-Identifier: Apache-2.0
import Core

/// A variable as `chpst -e` reads it from a file (chpst(8)): the first line, in which NUL stands for a line break, and
/// from which spaces and tabs at the end are cut off.
struct VariableFile: Hashable {
    /// The variable, and the file's name.
    let name: String
    /// The file's content.
    let content: [UInt8]
    /// Whether a full stop was put behind the value, so that what stands before it is not cut off.
    let hasGuard: Bool

    /// Encodes a value.
    ///
    /// Throws `invalid` for a name that no shell has or a value with NUL, which no program can get.
    init(_ name: String, _ value: Secret) throws(Failure) {
        guard Self.admits(name) else {
            throw Failure(
                .invalid,
                "'\(name)' can't be the name of a variable",
                hint: "use letters, digits and '_', not starting with a digit",
            )
        }
        let bytes = Array(value.revealed().utf8)
        guard !bytes.contains(0) else {
            throw Failure(.invalid, "the value of \(name) has a NUL byte, which no variable can hold")
        }
        let blanks = [UInt8(ascii: " "), UInt8(ascii: "\t")]
        self.name = name
        hasGuard = bytes.last.map(blanks.contains) ?? false
        content =
            bytes.map { $0 == UInt8(ascii: "\n") ? 0 : $0 } + (hasGuard ? [UInt8(ascii: ".")] : [])
            + [UInt8(ascii: "\n")]
    }

    private static func admits(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
