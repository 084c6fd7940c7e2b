// SPDX-License-Identifier: Apache-2.0
public import Core

/// The password of an account of a database server, kept in a file that only the control plane's own account can read.
public enum GeneratedPassword {
    /// 64 characters that mean nothing in a URL, so that each carries 6 bits.
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    /// 40 of them carry about 240 bits.
    private static let length = 40
    /// The first is a letter: whatever takes a password as an argument would read `-` as an option's beginning.
    private static let letters = 52

    /// What is in the file; makes it, durably, when it is missing.
    ///
    /// Throws `damaged-state` for a file that is no password.
    public static func keep(
        in path: String,
        using generator: inout some RandomNumberGenerator,
    ) throws(Failure) -> Secret {
        if let kept = try read(path) { return kept }
        let password = String(
            (0..<length)
                .map {
                    alphabet[Int.random(in: 0..<($0 == 0 ? letters : alphabet.count), using: &generator)]
                }
        )
        try DurableFile.write(password, to: path, mode: 0o600)
        return Secret(password)
    }

    /// What is in the file; nil when there is none.
    public static func read(_ path: String) throws(Failure) -> Secret? {
        guard let text = try FileContent.text(of: path) else { return nil }
        guard text.count >= 32, text.allSatisfy({ alphabet.contains($0) }) else {
            throw Failure(
                .damagedState,
                "\(path) does not hold a password",
                hint: "remove it, and the next deployment sets another one",
            )
        }
        return Secret(text)
    }
}
