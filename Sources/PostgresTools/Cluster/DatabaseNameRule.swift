// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// Which names an accessory's database, and the role that owns it, may have.
enum DatabaseNameRule {
    private static let reserved = [
        "postgres", "template0", "template1", "public", "none", ClusterRecord.superuser,
    ]

    /// Throws `invalid-manifest` for a name that PostgreSQL or OpsHub needs itself, or that a URL can't
    /// hold as it is.
    static func check(_ name: String) throws(Failure) {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard !name.isEmpty, name.utf8.count <= 63, isPlain, !reserved.contains(name), !name.hasPrefix("pg_"),
            !ScratchDatabase.isOwn(name)
        else {
            throw Failure(
                .invalidManifest,
                "a database can't be called '\(name)'",
                hint: "use letters, digits, '_', '-' and '.', at most 63, and no name of PostgreSQL's own",
            )
        }
    }
}
