// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem
import Testing

@Suite("A list of files", .timeLimit(.minutes(10)))
struct FileListingTests {
    @Test("finds nothing while nobody changes anything, and nothing in files that came later")
    func unchanged() throws {
        try with { folder, listing in
            #expect(listing.changes(in: folder, limit: 9).isEmpty)
            try FileContent.write(Array("new".utf8), to: "\(folder)/sub/cache")
            try Folder.make("\(folder)/__pycache__")
            #expect(listing.changes(in: folder, limit: 9).isEmpty)
        }
    }

    @Test("tells each file that was changed, removed or replaced", arguments: Change.allCases)
    func changed(_ change: Change) throws {
        try with { folder, listing in
            try change.make(in: folder)
            #expect(listing.changes(in: folder, limit: 9) == [change.words])
        }
    }

    @Test("tells as many as are asked for, and survives being kept")
    func limit() throws {
        try with { folder, listing in
            for name in ["a", "link", "sub/b c"] { try Folder.remove("\(folder)/\(name)") }
            let kept = FileListing(bytes: listing.bytes)
            #expect(kept.changes(in: folder, limit: 2) == ["a was removed", "link was removed"])
        }
    }

    @Test(
        "that can't be read says so instead of finding nothing",
        arguments: ["x", "1 2", "1 2 3", "1 2 -3 a", " ", "99999999999999999999 1 1 a"],
    )
    func damaged(_ text: String) throws {
        try with { folder, _ in
            let listing = FileListing(bytes: Array(text.utf8) + [0])
            #expect(listing.changes(in: folder, limit: 9) == ["its list of files can't be read"])
        }
    }

    @Test("of a folder that is gone says so")
    func gone() throws {
        try with { folder, listing in
            #expect(
                listing.changes(in: "\(folder)/nowhere", limit: 9) == ["the folder \(folder)/nowhere is gone"]
            )
        }
    }

    /// What somebody does to a folder with the files `a`, `sub/b c` and the link `link`.
    enum Change: CaseIterable {
        case content, sameLength, permissions, removed, becameLink, linkMoved

        var words: String {
            switch self {
            case .content, .permissions, .becameLink: "a was changed"
            case .sameLength: "sub/b c was changed"
            case .removed: "sub/b c was removed"
            case .linkMoved: "link was changed"
            }
        }

        func make(in folder: String) throws {
            switch self {
            case .content: try FileContent.write(Array("changed".utf8), to: "\(folder)/a")
            case .sameLength: try FileContent.write(Array("TWO".utf8), to: "\(folder)/sub/b c")
            case .permissions: try Folder.setMode(0o777, of: "\(folder)/a")
            case .removed: try Folder.remove("\(folder)/sub/b c")
            case .becameLink:
                try Folder.remove("\(folder)/a")
                #expect(unsafe symlink("sub/b c", "\(folder)/a") == 0)
            case .linkMoved:
                try Folder.remove("\(folder)/link")
                #expect(unsafe symlink("sub", "\(folder)/link") == 0)
            }
        }
    }

    private func with(_ body: (String, FileListing) throws -> Void) throws {
        let folder = "/tmp/opshub-listing-\(UInt64.random(in: 0 ... .max))"
        try Folder.make("\(folder)/sub")
        for (name, text) in [("a", "one"), ("sub/b c", "two"), (".skip", "three")] {
            try FileContent.write(Array(text.utf8), to: "\(folder)/\(name)")
        }
        #expect(unsafe symlink("a", "\(folder)/link") == 0)
        let listing = try FileListing(of: folder, excluding: [".skip"])
        let outcome = Result { try body(folder, listing) }
        try Folder.remove(folder)
        try outcome.get()
    }
}
