// SPDX-License-Identifier: Apache-2.0
import Core

/// The keys of an item of `smoke:` or `external:`.
enum SmokeKeys {
    /// The key `get:`.
    static let get = ManifestKey(
        "get",
        .requestPath,
        "The path of a GET request.",
        whenMissing: "add 'get: /api/version'",
    )
    /// The key `status:`.
    static let status = StandardKey(
        "status",
        .integer("a status", in: 200...599),
        "The status that it must answer.",
        standard: SmokeCheckManifest(path: "/").status,
    )
    /// The key `expect:`.
    static let expect = ManifestKey(
        "expect",
        .expectedMembers,
        "Top-level members that the JSON body must have, with these values.",
    )
    /// The key `service:`.
    static let service = ManifestKey<ServiceName>(
        "service",
        .name(),
        "The service that is asked. The one that the path is routed to.",
    )

    /// All of them.
    static let table = KeyTable(
        expected: "keys with values, such as { get: /api/version, status: 200 }",
        keys: [get.description, status.description, expect.description, service.description],
        synonyms: ["path": "get", "url": "get", "code": "status", "body": "expect"],
    )

    /// Requests.
    static let shape = ValueShape<[SmokeCheckManifest]>
        .list(
            of: ValueShape<SmokeCheckManifest>
                .mapping(table) { fields in
                    SmokeCheckManifest(
                        path: fields.value(get) ?? "",
                        status: fields.value(status),
                        expect: fields.value(expect) ?? [:],
                        service: fields.value(service),
                    )
                },
            expected: "a list of requests, such as [{ get: /api/version, status: 200 }]",
        )
}
