// SPDX-License-Identifier: Apache-2.0

/// What a folder holds, as far as its files tell.
struct DetectedProgram: Hashable, Sendable {
    /// What was recognised: `FastAPI`.
    var kind: String
    /// Whether people look at it in a browser, so that `/` should lead there.
    var isFrontend = false
    /// Commands that build it.
    var build: [String] = []
    /// Commands that test it.
    var test: [String] = []
    /// What runs.
    var program: ServiceManifest.Program
    /// The health route that its text names.
    var health: HealthCheckManifest?
    /// What a person should know or check.
    var remarks: [String] = []
}
