// SPDX-License-Identifier: Apache-2.0
public import Core

/// An S3-compatible store: where it is, and what is shown to it.
public struct ObjectStore: Hashable, Sendable {
    /// What `opshub.yml` calls it.
    public var name: StoreName
    /// Its address: `https://fra1.digitaloceanspaces.com`; nil for Amazon's own.
    public var endpoint: String?
    /// Its region; `us-east-1` when nil, which most stores take.
    public var region: String?
    /// The bucket, which must be there.
    public var bucket: String
    /// The folder within the bucket; empty for none.
    public var prefix: String
    /// The name of the key.
    public var accessKey: String
    /// The key.
    public var secretKey: Secret

    /// Describes a store.
    ///
    /// Throws `invalid` for what can be no store's.
    public init(
        name: StoreName,
        endpoint: String?,
        region: String?,
        bucket: String,
        prefix: String,
        accessKey: String,
        secretKey: Secret,
    ) throws(Failure) {
        self.name = name
        self.endpoint = endpoint
        self.region = region
        self.bucket = bucket
        self.prefix = prefix
        self.accessKey = accessKey
        self.secretKey = secretKey
        try check()
    }

    private func check() throws(Failure) {
        guard NameRule.admits(name.rawValue) else {
            throw Failure(.invalid, "'\(name)' is no store name", hint: "a name has \(NameRule.words)")
        }
        if let endpoint { try Self.check(endpoint: endpoint) }
        // The rules of Amazon S3 for general purpose buckets.
        let isBucket =
            (3...63).contains(bucket.utf8.count) && bucket.utf8.allSatisfy { Self.isPlain($0) || $0 == 0x2E }
            && !bucket.hasPrefix(".") && !bucket.hasPrefix("-") && !bucket.hasSuffix(".")
            && !bucket.hasSuffix("-")
            && !bucket.contains("..")
        guard isBucket else {
            throw Failure(
                .invalid,
                "'\(bucket)' is no bucket's name",
                hint: "3 to 63 lower-case letters, digits, '.' and '-': --bucket acme-backups",
            )
        }
        let parts = prefix.split(separator: "/", omittingEmptySubsequences: false)
        let isPrefix =
            prefix.isEmpty
            || parts.allSatisfy { part in
                !part.isEmpty && part != "." && part != ".."
                    && part.utf8.allSatisfy {
                        Self.isPlain($0) || "._ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8.contains($0)
                    }
            }
        guard isPrefix, prefix.utf8.count <= 200 else {
            throw Failure(
                .invalid,
                "'\(prefix)' is no folder of a bucket",
                hint: "letters, digits, '.', '_' and '-', parts between '/': --prefix opshub/main",
            )
        }
        let words = [
            ("access key", accessKey), ("secret", secretKey.revealed()), ("region", region ?? "x"),
        ]
        for (what, word) in words where word.isEmpty || !word.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        {
            throw Failure(.invalid, "the \(what) is empty or has spaces or signs that none has")
        }
    }

    /// Anything but loopback must be encrypted: what is shown to the store could be read by everybody on the way.
    private static func check(endpoint: String) throws(Failure) {
        let hint = "--endpoint https://s3.example.com"
        guard let scheme = endpoint.firstRange(of: "://") else {
            throw Failure(.invalid, "'\(endpoint)' is no address of a store", hint: hint)
        }
        let rest = endpoint[scheme.upperBound...]
        guard !rest.isEmpty, rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x40 }) else {
            throw Failure(.invalid, "'\(endpoint)' is no address of a store", hint: hint)
        }
        switch endpoint[..<scheme.lowerBound] {
        case "https": return
        case "http" where ["127.0.0.1", "localhost", "[::1]"].contains(Self.host(rest)): return
        case "http":
            throw Failure(
                .invalid,
                "\(endpoint) is not encrypted, and its key could be read on the way",
                hint: hint,
            )
        default: throw Failure(.invalid, "'\(endpoint)' is no address of a store", hint: hint)
        }
    }

    private static func host(_ rest: Substring) -> String {
        let authority = rest.prefix { $0 != "/" }
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[...end])
        }
        return String(authority.prefix { $0 != ":" })
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
    }
}
