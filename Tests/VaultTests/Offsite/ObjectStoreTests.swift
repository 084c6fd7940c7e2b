// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem
import Testing

@testable import Vault

@Suite("Stores that are known")
struct ObjectStoreTests {
    private func store(
        name: String = "spaces",
        endpoint: String? = "https://s3.example.com",
        bucket: String = "acme-backups",
        prefix: String = "",
        accessKey: String = "DO00",
        secret: String = "shhhhhhhhhhhhhhh",
    ) throws -> ObjectStore {
        try ObjectStore(
            name: StoreName(name),
            endpoint: endpoint,
            region: nil,
            bucket: bucket,
            prefix: prefix,
            accessKey: accessKey,
            secretKey: Secret(secret),
        )
    }

    @Test("are kept where nobody else can read them, and are forgotten")
    func register() throws {
        let layout = HomeLayout(root: "/tmp/opshub-stores-\(Int.random(in: 0..<1_000_000_000))")
        defer { try? Folder.remove(layout.root) }
        let register = ObjectStoreRegister(layout: layout)
        #expect(try register.stores() == [])
        let (first, second) = (try store(), try store(name: "amazon", endpoint: nil, prefix: "a/b-1/c_2"))
        try register.add(first)
        try register.add(second)
        #expect(try register.stores() == [second, first])
        #expect(try register.store(StoreName("../token")) == nil)
        #expect(try FileStatus.of("\(layout.stores)/spaces.json").map { $0.mode & 0o777 } == 0o600)
        try DurableFile.write("{}", to: "\(layout.stores)/amazon.json")
        let damaged = #expect(throws: Failure.self) { try register.stores() }
        #expect(damaged?.code == .damagedState && damaged?.hint == "say it again: opshub store add amazon")
        for _ in 1...2 { try register.remove(StoreName("amazon")) }
        #expect(try register.stores() == [first])
    }

    @Test(
        "can be anything that speaks S3 over TLS, or on this machine",
        arguments: [
            nil, "https://s3.example.com", "https://10.0.0.5:9000/minio", "http://127.0.0.1:9000",
            "http://localhost", "http://[::1]:9000",
        ],
    )
    func endpoints(_ endpoint: String?) throws {
        #expect(try store(endpoint: endpoint).endpoint == endpoint)
    }

    @Test(
        "are refused where the key could be read on the way, or nothing can be",
        arguments: [
            "", "s3.example.com", "http://s3.example.com", "http://127.0.0.1.example.com", "ftp://x",
            "https://",
            "https://me:pw@host", "https://a b", "http://localhost@evil.example",
        ],
    )
    func wrongEndpoints(_ endpoint: String) {
        let failure = #expect(throws: Failure.self) { try store(endpoint: endpoint) }
        #expect(failure?.code == .invalid)
    }

    @Test("have names, buckets and folders that can't mean anything else")
    func words() {
        for bucket in [
            "", "ab", "Acme", "a..b", ".abc", "abc-", "a/b", "a b c", String(repeating: "a", count: 64),
        ] {
            #expect(throws: Failure.self, "\(bucket)") { try store(bucket: bucket) }
        }
        for prefix in ["/", "a/", "/a", "a//b", "..", "a/../b", "a b", "a:b", "ü"] {
            #expect(throws: Failure.self, "\(prefix)") { try store(prefix: prefix) }
        }
        for name in ["", "Spaces", "a/b", "-a"] {
            #expect(throws: Failure.self, "\(name)") { try store(name: name) }
        }
        for word in ["", "a b", "a\n"] {
            #expect(throws: Failure.self) { try store(accessKey: word) }
            #expect(throws: Failure.self) { try store(secret: word) }
        }
    }
}
