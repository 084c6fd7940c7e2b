// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import GitSource

@Suite("The address of a remote")
struct RemoteURLTests {
    @Test(
        "is taken as people write it",
        arguments: [
            (
                "https://git.example.com/acme/app.git",
                RemoteURL.Way.http(host: "git.example.com", isEncrypted: true),
            ),
            ("http://127.0.0.1:8000/app.git", .http(host: "127.0.0.1:8000", isEncrypted: false)),
            ("git@github.com:acme/app.git", .ssh(host: "github.com")),
            ("ssh://git@git.example.com:2222/acme/app.git", .ssh(host: "git.example.com:2222")),
            ("ssh://git.example.com/app", .ssh(host: "git.example.com")),
            ("file:///srv/git/app.git", .file(path: "/srv/git/app.git")),
            ("/srv/git/app.git", .file(path: "/srv/git/app.git")),
        ],
    )
    func taken(_ text: String, _ way: RemoteURL.Way) throws {
        #expect(try RemoteURL(text).way == way)
    }

    @Test(
        "is refused where git would run a command, believe anybody, or show a password",
        arguments: [
            "", "app", "./app", "../app.git", "ext::sh -c date", "ext::sh", "git://git.example.com/app.git",
            "ftp://git.example.com/app.git", "--upload-pack=date", "-oProxyCommand=date:app", "git@:app",
            "ssh://-oProxyCommand=date/app", "ssh://git@-oProxyCommand=date/app", "https:///app.git",
            "https://git.example.com/a b", "https://git.example.com/a\nb", "file://host/app.git",
        ],
    )
    func refused(_ text: String) {
        let failure = #expect(throws: Failure.self) { try RemoteURL(text) }
        #expect(failure?.code == .invalid)
        #expect(failure?.hint != nil)
    }

    @Test(
        "with a password is refused without saying it again",
        arguments: [
            "https://ada:s3cret@git.example.com/app.git", "https://s3cret@git.example.com/app.git",
            "ssh://git:s3cret@git.example.com/app.git",
        ],
    )
    func password(_ text: String) {
        let failure = #expect(throws: Failure.self) { try RemoteURL(text) }
        #expect(failure?.code == .invalid)
        #expect(!String(describing: failure).contains("s3cret"))
    }
}
