// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest
import Testing

@Suite("A folder without a program")
struct OtherFoldersTests {
    @Test(
        "is a static site when it has pages",
        arguments: [
            (["index.html"], ["web . ."]), (["dist/index.html"], ["web . dist"]),
            (["www/index.html"], ["www www ."]),
            (["site/public/index.html"], ["site site public"]),
            (["a/index.html", "b/index.html"], ["a a .", "b b ."]),
            (["index.html", "a/index.html"], ["web . ."]), (["docs/index.html"], []),
            (["a/b/c/d/index.html"], []),
            (["app/templates/index.html"], []),
        ] as [([String], [String])],
    )
    func sites(_ paths: [String], _ expected: [String]) {
        let services = ProjectDetection(of: FileTree(paths: paths) { _ in "" }).services
        let found = services.map { service -> String in
            guard case .files(let folder) = service.program else { return "\(service.name) is no site" }
            return "\(service.name) \(service.path) \(folder)"
        }
        #expect(found == expected)
    }

    @Test("inside a program belongs to the program, unless it is called like a frontend")
    func pagesOfPrograms() {
        let files = [
            "requirements.txt": "flask", "static/index.html": "", "emails/index.html": "",
            "frontend/index.html": "",
        ]
        #expect(ProjectDetection(files).services.map(\.path) == [".", "frontend"])
    }

    @Test(
        "with a Dockerfile is named with the command that the image ends in",
        arguments: [
            ("FROM a\nCMD [\"serve\", \"--port\", \"80\"]", "serve --port 80"),
            ("FROM a\nCMD serve --port 80", "serve --port 80"),
            ("ENTRYPOINT [\"/run\"]\nCMD [\"b\"]", "b"), ("FROM a\n", nil), ("", nil), ("CMD", nil),
        ] as [(String, String?)],
    )
    func dockerfiles(_ text: String, _ command: String?) {
        let detection = ProjectDetection(["server/Dockerfile": text])
        #expect(detection.containers.map(\.path) == ["server"])
        #expect(detection.containers.map(\.command) == [command])
        #expect(detection.services == [])
    }

    @Test(
        "with numbered SQL files holds the migrations of the service around it",
        arguments: [
            ("api/migrations/0001_a.sql", "migrations"), ("api/db/sql/0001_a.sql", "db/sql"),
            ("api/0001_a.sql", "."),
            ("db/0001_a.sql", nil), ("api/migrations/1_a.sql", nil), ("api/migrations/0001.sql", nil),
            ("apis/0001_a.sql", nil),
        ] as [(String, String?)],
    )
    func scripts(_ path: String, _ folder: String?) {
        let migrations = ProjectDetection(["api/requirements.txt": "flask", path: ""]).migrations
        #expect(migrations?.folder == folder)
        #expect(migrations?.tool == (folder == nil ? nil : .sql))
    }

    @Test(
        "is not looked into when it holds tests, examples or tools",
        arguments: ["tests", "examples", "scripts", ".github", "a/b/c"],
    )
    func unlikely(_ folder: String) {
        #expect(ProjectDetection(["\(folder)/requirements.txt": "flask"]).services == [])
    }
}
