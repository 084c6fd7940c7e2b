// SPDX-License-Identifier: Apache-2.0
import Core
import DockerRuntime

/// What `opshub serve` was told.
struct ServeOptions {
    /// The home.
    let layout: HomeLayout
    /// Where the API and the embedded remote answer.
    let host: String
    /// The port of that.
    let port: Int
    /// Where the edge answers domains.
    let publicAddress: String
    /// The port of that.
    let publicPort: Int
    /// Loopback ports for instances.
    let instancePorts: ClosedRange<Int>
    /// See `EdgeSettings.logSample`.
    let accessLogSample: Int
    /// Where the container engine answers; asked only for what runs in containers.
    let engine: EngineAddress
}
