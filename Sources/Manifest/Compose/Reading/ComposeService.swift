// SPDX-License-Identifier: Apache-2.0
import Core

/// A service as compose files describe it, with everything read.
struct ComposeService {
    /// A port that is published.
    struct Port {
        /// Inside.
        let target: Int
        /// Outside; nil for one that the engine would draw.
        let published: Int?
        let isHTTP: Bool
        let place: ComposePlace
    }

    /// Its key in the file.
    let name: String
    let place: ComposePlace
    /// What runs.
    var container: ContainerManifest
    /// Its variables.
    var variables: [String: String]
    /// Memory; nil when nothing is said.
    var memory: ByteCount?
    var stopTimeout: Duration?
    var replicas: Int
    var ports: [Port]
    /// Ports that only others in its networks see.
    var exposed: [Int]
    /// Whether it has a health check that is not switched off.
    var hasCheck: Bool
    /// Where a name for the container was asked for.
    var containerName: ComposeValue?
    /// Where the volumes are written, in the order of the container's mounts.
    var mountPlaces: [ComposePlace]
    var imagePlace: ComposePlace
    /// What is said under `image`, also beside a build: others may use it by that name.
    var imageName: String?

    /// The image's name without registry, folder, tag and digest; empty for one that is built.
    var imageBaseName: String {
        guard case .named(let name) = container.image else { return "" }
        let path = name.split(separator: "@").first ?? ""
        let last = path.split(separator: "/").last ?? ""
        return String(last.split(separator: ":").first ?? "")
    }
}
