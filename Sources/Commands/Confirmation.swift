// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc

/// Has a person say again which environment is meant.
enum Confirmation {
    /// Asks for the environment's name.
    ///
    /// - Parameter target: Which is meant.
    /// - Returns: The name.
    /// - Throws: `invalid` when nobody is there to ask, `cancelled` for another answer.
    static func ask(_ target: Target) throws(Failure) -> String {
        guard isatty(0) == 1 else {
            throw Failure(
                .invalid,
                "nobody is there to confirm it",
                hint: "say it with the command: --confirm \(target.environment)",
            )
        }
        Output.write("\nType the environment's name to go on: ", to: 2)
        let answer = readLine()?.trimmingCharacters(in: " \t") ?? ""
        guard answer == target.environment else {
            throw Failure(.cancelled, "'\(answer)' is not \(target.environment); nothing was changed")
        }
        return answer
    }
}

extension String {
    fileprivate func trimmingCharacters(in set: String) -> String {
        String(drop { set.contains($0) }.reversed().drop { set.contains($0) }.reversed())
    }
}
