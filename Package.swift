// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "opshub",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "opshub", targets: ["opshub"])],
    dependencies: [
        // Verbs, options, help pages and shell completion of the command line.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        // SHA-256 of plans and backups, random tokens.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        // Method, status and header values shared by server and client.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        // Structured logs of the control plane.
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        // Sockets: the edge's runtime socket, the control plane's HTTP.
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        // Migrated, typed access to the embedded state database.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // The control plane's HTTP server and the file server of static services.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0"),
        // `opshub.yml` with the position of every node.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        // HTTP of the command line and of every probe.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.30.0"),
        // Graceful start and stop of everything long-running.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        // File paths and descriptors, as swift-subprocess speaks them.
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        // Programs as child processes, without a shell, with cancellation.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [],
)

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle",
)
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// Rooms whose tests have files to read beside them.
let withFixtures: Set<String> = ["Commands", "HAProxyRouter", "Manifest", "PostgresTools", "Storage"]

// Ground: what every room may stand on.
room("Core", tests: [])
package.targets.append(.systemLibrary(name: "CHostSystem"))
room("HostSystem", uses: ["CHostSystem", "Core", crypto, subprocess, systemPackage], tests: ["Core"])
room("Manifest", uses: ["Core", yams], tests: ["Core"])

// Engines: pure decisions and durable execution; no library of the outside world.
room("DataSafety", uses: ["Core", "Manifest"], tests: ["Core", "Manifest", "TestSupport"])
room("Delivery", uses: ["Core", "Manifest"], tests: ["Core", "Manifest", "TestSupport"])

// Adapters: one piece of the outside world each; they never import each other.
package.targets.append(
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])])
)
package.targets.append(
    .systemLibrary(name: "CXxhash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])])
)
room("GitSource", uses: ["Core", "Delivery", "HostSystem"], tests: ["Core", "Delivery", "HostSystem"])
room(
    "HAProxyRouter",
    uses: ["Core", "Delivery", "HostSystem", nioCore, nioPosix, systemPackage],
    tests: ["Core", "Delivery", "HostSystem", "TestSupport"],
)
room(
    "HTTPProbes",
    uses: ["Core", "Delivery", asyncHTTPClient, nioCore, nioHTTP1],
    tests: ["Core", "Delivery", nioCore, nioPosix],
)
package.targets.append(
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])])
)
room(
    "Vault",
    uses: ["CZstd", "Core", "DataSafety", "HostSystem", crypto, systemPackage],
    tests: ["Core", "DataSafety", "HostSystem", "TestSupport", crypto],
)
room(
    "PostgresTools",
    uses: [
        "CPostgres", "CXxhash", "Core", "DataSafety", "Delivery", "HostSystem", "Manifest", crypto,
        subprocess,
        systemPackage,
    ],
    tests: ["Core", "DataSafety", "Delivery", "HostSystem", "Manifest", "TestSupport", "Vault"],
)
room(
    "FolderTools",
    uses: ["Core", "DataSafety", "Delivery", "HostSystem", "Manifest", crypto],
    tests: ["Core", "DataSafety", "Delivery", "HostSystem", "Manifest", "TestSupport", "Vault"],
)
room(
    "RedisTools",
    uses: ["Core", "DataSafety", "Delivery", "HostSystem", "Manifest", crypto],
    tests: ["Core", "DataSafety", "Delivery", "HostSystem", "Manifest", "TestSupport", "Vault"],
)
room(
    "InstanceFolders",
    uses: ["Core", "Delivery", "HostSystem", systemPackage],
    tests: ["Core", "Delivery", "HostSystem"],
)
room(
    "ProcessRuntime",
    uses: ["Core", "Delivery", "HostSystem", "InstanceFolders", "Manifest"],
    tests: ["Core", "Delivery", "HostSystem", "Manifest"],
)
room(
    "DockerRuntime",
    uses: [
        "Core", "Delivery", "HostSystem", "InstanceFolders", "Manifest", asyncHTTPClient, crypto, nioCore,
        nioHTTP1, systemPackage,
    ],
    tests: ["Core", "Delivery", "HostSystem", "InstanceFolders", "Manifest", nioCore],
)
room(
    "Storage",
    uses: ["Core", "DataSafety", "Delivery", "Manifest", grdb],
    tests: ["Core", "DataSafety", "Delivery", "Manifest", "TestSupport", grdb],
)

// The same promises of every place where services run.
package.targets.append(
    .testTarget(
        name: "RuntimeContractTests",
        dependencies: [
            "Core", "Delivery", "DockerRuntime", "HostSystem", "InstanceFolders", "Manifest",
            "ProcessRuntime",
        ],
    )
)

// Faces: speak to people and programs.
room("API", uses: ["Core"])
room("Client", uses: ["API", "Core", asyncHTTPClient, nioCore, nioHTTP1])
room(
    "Commands",
    uses: ["API", "Client", "Core", "Manifest", argumentParser],
    tests: ["API", "Client", "Core"],
)
room(
    "Server",
    uses: [
        "API", "Core", "Delivery", "Manifest", hummingbird, httpTypes, logging, nioCore, serviceLifecycle,
        subprocess, systemPackage,
    ],
    tests: [
        "API", "Client", "Core", "Delivery", "Manifest", "TestSupport", httpTypes, hummingbird,
        hummingbirdTesting, logging, nioCore,
    ],
)

// Yard: scriptable fakes and fixtures, and the simulator that drives the engine through crashes.
room("TestSupport", uses: ["Core", "DataSafety", "Delivery", "HostSystem", "Manifest"])
room(
    "Simulation",
    uses: ["Core", "Delivery", "Manifest", "TestSupport"],
    tests: ["Core", "Manifest"],
)
package.targets.append(
    .executableTarget(name: "opshub-simulate", dependencies: ["Core", "Simulation", argumentParser])
)
package.targets.append(
    .executableTarget(
        name: "opshub-measure",
        dependencies: ["Core", "Delivery", "Manifest", "Storage", "TestSupport", argumentParser],
    )
)

// Roof: reads configuration, builds adapters, hands them down.
package.targets.append(
    .executableTarget(
        name: "opshub",
        dependencies: [
            "API", "Commands", "Core", "DataSafety", "Delivery", "DockerRuntime", "FolderTools", "GitSource",
            "HAProxyRouter",
            "HTTPProbes",
            "HostSystem",
            "InstanceFolders", "Manifest", "PostgresTools", "ProcessRuntime", "RedisTools", "Server",
            "Storage", "Vault",
            argumentParser,
            crypto,
            hummingbird,
            logging, serviceLifecycle, unixSignals,
        ],
    )
)

// What the roof decides by itself.
package.targets.append(
    .testTarget(
        name: "InstallationTests",
        dependencies: ["opshub", "Core", "DataSafety", "Delivery", "Manifest"],
    )
)

// The whole product from outside: the built program, real parts, a scriptable application.
package.targets.append(
    .testTarget(
        name: "EndToEndTests",
        dependencies: ["API", "Core", "Delivery", "HostSystem", "TestSupport"],
    )
)

/// The compiler settings that every target gets.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]
for target in package.targets where target.type != .system { target.swiftSettings = strict }

/// Adds a room, and its tests when they may use something; what a room is for is said in docs/ARCHITECTURE.md.
@MainActor func room(_ name: String, uses: [Target.Dependency] = [], tests: [Target.Dependency]? = nil) {
    package.targets.append(.target(name: name, dependencies: uses))
    guard let tests else { return }
    package.targets.append(
        .testTarget(
            name: "\(name)Tests",
            dependencies: [.byName(name: name)] + tests,
            exclude: withFixtures.contains(name) ? ["Fixtures"] : [],
        )
    )
}
