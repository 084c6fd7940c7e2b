// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// The file in which the `finish` script counts how often a program ended by itself.
///
/// Its last lines look like `12 1795224252 3 0`: count, Unix time, status or -1, signal or 0. Only the last twenty are
/// kept; the count goes on.
struct ExitRecord: Hashable {
    /// How often it ended by itself.
    let count: Int
    /// The last time.
    let last: ProgramExit?

    /// Reads the file's text; what can't be read counts as never.
    init(text: String?) {
        let line = text?.split(separator: "\n").last.map(String.init) ?? ""
        let numbers = line.split(separator: " ").compactMap { Int64($0) }
        guard numbers.count == 4 else {
            count = 0
            last = nil
            return
        }
        count = Int(numbers[0])
        last = ProgramExit(
            at: Date(timeIntervalSince1970: Double(numbers[1])),
            ending: numbers[3] == 0
                ? .exited(Int32(truncatingIfNeeded: numbers[2]))
                : .signalled(Int32(truncatingIfNeeded: numbers[3])),
        )
    }
}
