// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import DockerRuntime
import HostSystem
import Manifest
import ProcessRuntime
import Testing

/// A place where services run.
enum RuntimeKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// Processes of this machine.
    case process
    /// Containers of an engine.
    case docker

    var testDescription: String { rawValue }

    /// What an instance runs that is said as a line for a shell.
    func program(_ line: String) -> ServiceManifest.Program {
        switch self {
        case .process: .command(line)
        case .docker:
            .container(
                ContainerManifest(image: .named(TestEngine.image), command: ["sh", "-c", line], port: 8000)
            )
        }
    }

    /// A runtime of a home, as a control plane that was just started has it.
    func runtime(_ layout: HomeLayout) async throws -> any ServiceRuntime {
        switch self {
        case .process: ProcessServiceRuntime(layout: layout, fileServer: "/none")
        case .docker:
            DockerServiceRuntime(
                layout: layout,
                engine: Engine(try await TestEngine.address(), identity: try HomeIdentity.keep(in: layout)),
            )
        }
    }

    /// The image of its instances; nil for a process.
    func image() async throws -> ImageID? {
        self == .process ? nil : try await TestEngine.imageID()
    }
}
