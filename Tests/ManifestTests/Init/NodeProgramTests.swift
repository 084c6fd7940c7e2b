// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest
import Testing

@Suite("A Node program")
struct NodeProgramTests {
    @Test(
        "is started by its script, or else by its first file",
        arguments: [
            (["package.json": #"{"scripts":{"start":"node ."}}"#], "npm start"),
            (["package.json": #"{"scripts":{"start":"node ."}}"#, "yarn.lock": ""], "yarn start"),
            (["package.json": #"{"dependencies":{"koa":"2"},"main":"lib/a.js"}"#], "node lib/a.js"),
            (["package.json": #"{"dependencies":{"koa":"2"}}"#, "src/index.js": ""], "node src/index.js"),
            (["package.json": #"{"dependencies":{"nuxt":"4"}}"#], "node .output/server/index.mjs"),
            (["package.json": #"{"dependencies":{"koa":"2"}}"#], nil),
            (["package.json": #"{"dependencies":{"left-pad":"1"}}"#, "index.js": ""], nil),
            (["package.json": #"{"scripts":{"start":"x"},"workspaces":{"packages":["a"]}}"#], nil),
        ] as [([String: String], String?)],
    )
    func start(_ files: [String: String], _ command: String?) {
        #expect(ProjectDetection(files).onlyCommand == command)
    }

    @Test(
        "that only builds pages is served as files",
        arguments: [
            ("vite", "dist"), ("react-scripts", "build"), ("astro", "dist"), ("@vue/cli-service", "dist"),
            ("gatsby", "public"),
            ("@11ty/eleventy", "_site"), ("parcel", "dist"), ("webpack", "dist"),
        ],
    )
    func pages(_ package: String, _ folder: String) {
        let text = #"{"scripts":{"build":"x","start":"x"},"devDependencies":{"\#(package)":"1"}}"#
        let service = ProjectDetection(["package.json": text]).services.first
        #expect(service?.program == .files(folder: folder))
        #expect(service?.build == ["npm install", "npm run build"])
        #expect(service?.name.rawValue == "web")
        #expect(service?.health == nil)
    }

    @Test("with a server beside its bundler is a server")
    func serverWithBundler() {
        let text = #"{"scripts":{"build":"x","start":"x"},"dependencies":{"express":"5","vite":"7"}}"#
        #expect(ProjectDetection(["package.json": text]).onlyCommand == "npm start")
    }

    @Test("has no tests when it only has the script that npm init writes")
    func noTests() {
        let text = #"{"scripts":{"start":"x","test":"echo \"Error: no test specified\" && exit 1"}}"#
        #expect(ProjectDetection(["package.json": text]).services.first?.test == [])
    }

    @Test(
        "is installed as its lock file says",
        arguments: [
            ("package-lock.json", "npm ci"), ("yarn.lock", "yarn install --frozen-lockfile"),
            ("pnpm-lock.yaml", "pnpm install --frozen-lockfile"), ("README.md", "npm install"),
        ],
    )
    func install(_ lock: String, _ command: String) {
        let files = ["package.json": #"{"scripts":{"start":"x"}}"#, lock: ""]
        #expect(ProjectDetection(files).services.first?.build == [command])
    }
}
