// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Testing

@testable import DockerRuntime

@Suite("What the engine says of its work on an image")
struct EngineProgressTests {
    @Test("becomes lines, an image, and why it failed", arguments: [1, 5, 1000])
    func build(_ portion: Int) {
        let text = #"""
            {"stream":"Step 1/2 : FROM a"}
            {"stream":"\n"}
            {"stream":" ---\u003e 1234\nRunning "}
            {"stream":"in 5\n"}
            no JSON
            {"status":"Pulling fs layer","id":"abc"}
            {"status":"Downloading","progressDetail":{"current":1},"id":"abc"}
            {"aux":{"ID":"sha256:1"}}
            {"errorDetail":{"code":2,"message":"RUN x returned 2"},"error":"RUN x returned 2"}

            """#
        var progress = EngineProgress()
        var (lines, rest): ([String], Substring) = ([], text[...])
        while !rest.isEmpty {
            lines += progress.take(ByteBuffer(string: String(rest.prefix(portion))))
            rest = rest.dropFirst(portion)
        }
        #expect(lines == ["Step 1/2 : FROM a", " ---> 1234", "Running in 5", "abc: Pulling fs layer"])
        #expect(progress.image == "sha256:1")
        #expect(progress.error == "RUN x returned 2")
    }

    @Test(
        "is about a name that has a repository and a tag",
        arguments: [
            ("nginx", "nginx", "latest"), ("nginx:1.27", "nginx", "1.27"),
            ("host:5000/a/b", "host:5000/a/b", "latest"),
            ("host:5000/a:2", "host:5000/a", "2"), ("a@sha256:12", "a", "sha256:12"),
            ("host:5000/a:1@sha256:12", "host:5000/a", "sha256:12"),
        ],
    )
    func names(_ name: String, _ repository: String, _ tag: String) {
        #expect(EngineImages.parts(name) == (repository, tag))
    }
}
