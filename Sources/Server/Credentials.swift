// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// What an `Authorization` header holds.
struct Credentials: Hashable {
    /// The bearer token, or the password of Basic.
    let token: String
    /// The user name of Basic, when it says anything.
    let person: String?

    /// Nil when there is no header or it is neither Bearer nor Basic.
    init?(_ header: String?) {
        let parts = (header ?? "").split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "bearer":
            (token, person) = (parts[1], nil)
        case "basic":
            guard let data = Data(base64Encoded: parts[1]) else { return nil }
            let pair = String(decoding: data, as: UTF8.self)
                .split(
                    separator: ":",
                    maxSplits: 1,
                    omittingEmptySubsequences: false,
                )
            guard pair.count == 2 else { return nil }
            (token, person) = (String(pair[1]), pair[0].isEmpty ? nil : String(pair[0]))
        default:
            return nil
        }
    }
}
