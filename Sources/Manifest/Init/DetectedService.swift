// SPDX-License-Identifier: Apache-2.0
public import Core

/// A service that a repository seems to have.
public struct DetectedService: Hashable, Sendable {
    /// After its folder.
    public var name: ServiceName
    /// Its folder; `.` for the root.
    public var path: String
    /// What was recognised: `FastAPI`.
    public var kind: String
    /// Commands that build it.
    public var build: [String]
    /// Commands that test it.
    public var test: [String]
    /// What runs.
    public var program: ServiceManifest.Program
    /// Its health check; nil when its files name none.
    public var health: HealthCheckManifest?
    /// Path prefixes that it should answer.
    public var routes: [String]
    /// What a person should know or check.
    public var remarks: [String]
}
