// SPDX-License-Identifier: Apache-2.0
public import Core
import HostSystem

/// What tells one home's things on an engine from another's: six hexadecimal digits that never change.
public struct HomeIdentity: Hashable, Sendable {
    /// The digits.
    public let rawValue: String

    /// Takes digits as they are.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The identity of a home, drawn when it has none.
    ///
    /// Throws `damaged-state` when it can't be read: another one would make everything that runs a stranger's.
    public static func keep(in layout: HomeLayout) throws -> HomeIdentity {
        let path = "\(layout.root)/identity"
        guard let text = try FileContent.text(of: path) else {
            let digits = (0..<3).map { _ in String(UInt8.random(in: .min ... .max), radix: 16) }
            let identity = HomeIdentity(rawValue: digits.map { $0.count == 1 ? "0" + $0 : $0 }.joined())
            try DurableFile.write(identity.rawValue + "\n", to: path)
            return identity
        }
        let digits = text.prefix { $0 != "\n" }
        guard digits.count == 6, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            throw Failure(
                .damagedState,
                "\(path) does not say whose the containers of this home are",
                hint:
                    "docker ps shows it: the six digits behind 'opshub.' in their names; write them into that file",
            )
        }
        return HomeIdentity(rawValue: String(digits))
    }
}
