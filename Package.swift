// swift-tools-version: 6.1

import PackageDescription

let swiftSettings: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

func testTarget(
  _ name: String, path: String, exclude: [String] = [], dependencies: [Target.Dependency]
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport", "ChildProcesses"], path: "Tests/\(path)", exclude: exclude,
    swiftSettings: swiftSettings)
}

let package = Package(
  name: "heddle",
  // The libraries are for Apple's systems, too; the server is for Linux.
  platforms: [.macOS(.v13), .iOS(.v16), .tvOS(.v16), .watchOS(.v9), .visionOS(.v1)],
  products: [
    .library(name: "YCRDT", targets: ["YCRDT"]),
    .library(name: "HeddleClient", targets: ["HeddleClient"]),
    .executable(name: "heddle", targets: ["heddle"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    // The C libraries.
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev", "pkg-config"])]),
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
    .target(name: "CWebSockets", linkerSettings: [.linkedLibrary("websockets"), .linkedLibrary("uv")]),

    // Knowledge runs one way: heddle → Gateway → Rooms → {YProtocol, Reconciliation} → {Workflow, YCRDT}.
    .target(
      name: "YCRDT", swiftSettings: swiftSettings,
      // The engine imports nothing, so that nothing else brings in what rounding calls there.
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux, .android]))]),
    .target(name: "YProtocol", dependencies: ["YCRDT"], swiftSettings: swiftSettings),
    .target(
      name: "Workflow", dependencies: ["YCRDT", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: swiftSettings),
    .target(name: "Reconciliation", dependencies: ["Workflow", "YCRDT"], swiftSettings: swiftSettings),
    .target(
      name: "Rooms", dependencies: ["YProtocol", "Reconciliation", "Workflow", "YCRDT"], swiftSettings: swiftSettings),
    .target(
      name: "Storage",
      dependencies: ["CLibPQ", "CHiredis", "Workflow", "YCRDT", .product(name: "Logging", package: "swift-log")],
      // The SQL is part of the binary: it is found wherever that is run. Sources/Storage/Migrations links to Migrations.
      resources: [.embedInCode("Migrations")],
      swiftSettings: swiftSettings),
    .target(
      name: "Provisioning",
      dependencies: [
        "Workflow", .product(name: "Yams", package: "Yams"),
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Tokens",
      dependencies: [
        "Workflow", .product(name: "JWTKit", package: "jwt-kit"), .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Gateway",
      dependencies: [
        "CWebSockets", "Rooms", "Storage", "Provisioning", "Tokens", "YProtocol", "Workflow", "Reconciliation", "YCRDT",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "heddle",
      dependencies: [
        "Gateway", "Storage", "Provisioning", "Tokens", "Reconciliation", "Workflow",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),

    // What clients in Swift use; no part of the server knows it.
    .target(
      name: "HeddleClient",
      dependencies: [
        "YProtocol", "YCRDT", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOWebSocket", package: "swift-nio"),
      ],
      swiftSettings: swiftSettings),

    // Tests: one folder per part, plus Interop (real clients) and Simulation.
    .target(name: "CProcesses", path: "Tests/Processes/C"),
    .target(
      name: "ChildProcesses", dependencies: ["CProcesses"], path: "Tests/Processes", exclude: ["C"],
      swiftSettings: swiftSettings),
    .target(
      name: "TestSupport",
      dependencies: [
        "ChildProcesses", "CLibPQ", "YCRDT", "Storage", "Workflow", .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/Support", swiftSettings: swiftSettings),
    testTarget("YCRDTTests", path: "YCRDT", dependencies: ["YCRDT"]),
    // The entry points of the fuzzers; Fuzz/ compiles them anew with instrumentation.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Gateway", "Provisioning", "Reconciliation", "Rooms", "Storage", "Tokens", "Workflow", "YCRDT", "YProtocol",
      ],
      path: "Fuzz/Sources/FuzzTargets", swiftSettings: swiftSettings),
    testTarget("FuzzTests", path: "Fuzz", dependencies: ["FuzzTargets"]),
    testTarget("PeerTests", path: "Peers", exclude: ["Clients"], dependencies: ["FuzzTargets", "YCRDT"]),
    testTarget("YProtocolTests", path: "YProtocol", dependencies: ["YProtocol", "YCRDT"]),
    testTarget("WorkflowTests", path: "Workflow", dependencies: ["Workflow", "YCRDT"]),
    testTarget(
      "ReconciliationTests", path: "Reconciliation", exclude: ["Clients"],
      dependencies: ["Reconciliation", "Workflow", "YCRDT"]),
    testTarget("RoomsTests", path: "Rooms", dependencies: ["Rooms", "YProtocol", "Workflow", "YCRDT"]),
    testTarget("StorageTests", path: "Storage", dependencies: ["Storage", "Workflow", "YCRDT"]),
    testTarget(
      "ProvisioningTests", path: "Provisioning", exclude: ["Projects"],
      dependencies: ["Provisioning", "Storage", "Workflow", .product(name: "Logging", package: "swift-log")]),
    testTarget(
      "TokensTests", path: "Tokens",
      dependencies: [
        "Tokens", "Workflow", .product(name: "JWTKit", package: "jwt-kit"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    testTarget(
      "GatewayTests", path: "Gateway",
      dependencies: [
        "Gateway", "Rooms", "Storage", "Tokens", "Workflow", "YCRDT", "YProtocol",
        .product(name: "Logging", package: "swift-log"), .product(name: "Yams", package: "Yams"),
      ]),
    testTarget(
      "HeddleClientTests", path: "HeddleClient",
      dependencies: [
        "HeddleClient", "Gateway", "Storage", "Tokens", "Workflow", "YCRDT",
        .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    testTarget(
      "InteropTests", path: "Interop",
      exclude: ["Clients", "Faults/README.md", "Faults/FaultyClock.c", "Faults/StuckLoop.c", "Faults/FaultyDisk.c"],
      dependencies: ["Gateway", "HeddleClient", "Storage", "Tokens", "Workflow", "YCRDT", "YProtocol"]),
    testTarget(
      "SimulationTests", path: "Simulation",
      dependencies: ["Rooms", "Reconciliation", "Workflow", "YProtocol", "YCRDT"]),

    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Gateway", "Rooms", "Reconciliation", "Storage", "Provisioning", "Workflow", "YProtocol", "YCRDT",
        "TestSupport", "CAllocations", .product(name: "Logging", package: "swift-log"),
      ],
      path: "Benchmarks", exclude: ["Engine", "Load", "Allocations"], swiftSettings: swiftSettings),
    // Counts allocations in the place of the C library's functions; for benchmarks only.
    .target(name: "CAllocations", path: "Benchmarks/Allocations"),
    // Apart, since it knows the server from outside only.
    .executableTarget(
      name: "LoadBenchmarks", dependencies: ["CEpoll", "ChildProcesses", "YProtocol", "YCRDT"], path: "Benchmarks/Load",
      exclude: ["CEpoll", "README.md", "pycrdt-server.py"], swiftSettings: swiftSettings),
    .systemLibrary(name: "CEpoll", path: "Benchmarks/Load/CEpoll"),
    // Apart, since it needs nothing of the server.
    .executableTarget(
      name: "EngineBenchmarks", dependencies: ["ChildProcesses", "YCRDT"], path: "Benchmarks/Engine",
      exclude: ["README.md", "peer.py", "peer.mjs", "make-inputs.mjs"], swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)
