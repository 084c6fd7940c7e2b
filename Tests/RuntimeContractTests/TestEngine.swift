// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import DockerRuntime
import HostSystem
import Testing

/// The container engine of tests, started by the first that needs it.
enum TestEngine {
    /// Has a shell and a web server, and a variable `IMAGE_SAYS=hello`.
    static let image = "opshub-test/busybox:1"

    static var package: String {
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    }

    /// Where it answers.
    static func address() async throws -> EngineAddress {
        try EngineAddress(String(try await start().dropLast()))
    }

    /// Docker's own command line against it.
    static func docker(_ arguments: String...) async throws -> String {
        let address = String(try await start().dropLast())
        return try await ProgramRunner().run(Program("/usr/bin/docker", ["-H", address] + arguments))
            .checked(doing: "docker \(arguments[0])").output
    }

    static func imageID() async throws -> ImageID {
        ImageID(String(try await docker("image", "inspect", "-f", "{{.Id}}", image).dropLast()))
    }

    private static func start() async throws -> String {
        try await ProgramRunner()
            .run(Program("\(package)/script/test-engine", ["start"], deadline: .seconds(60)))
            .checked(doing: "starting the engine of tests").output
    }
}
