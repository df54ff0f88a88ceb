// swift-tools-version: 6.1

import PackageDescription

// The sources under test are symbolic links, so that they are compiled with the fuzzer's instrumentation. Of modules that
// do more than read bytes there are only the files that do. Assertions stay on: most of what a fuzzer can find here is a
// broken invariant.
let instrumented: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .unsafeFlags(["-sanitize=fuzzer,address", "-assert-config", "Debug", "-enable-testing"]),
]

func instrumentedTarget(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [],
  linkerSettings: [LinkerSetting] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: exclude, swiftSettings: instrumented,
    linkerSettings: linkerSettings)
}

let package = Package(
  name: "fuzz",
  dependencies: [
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    instrumentedTarget("YCRDT", linkerSettings: [.linkedLibrary("m")]),
    instrumentedTarget("YProtocol", ["YCRDT"]),
    instrumentedTarget("Workflow", ["YCRDT", .product(name: "Crypto", package: "swift-crypto")]),
    instrumentedTarget("Reconciliation", ["Workflow", "YCRDT"]),
    instrumentedTarget("Rooms", ["YProtocol", "Reconciliation", "Workflow", "YCRDT"]),
    instrumentedTarget("Provisioning", ["Workflow", .product(name: "Yams", package: "Yams")], exclude: ["Git"]),
    instrumentedTarget("Storage", ["Workflow"]),
    instrumentedTarget("Tokens", ["Workflow"]),
    instrumentedTarget("Gateway", ["Workflow", "YProtocol"]),
    instrumentedTarget(
      "FuzzTargets",
      ["Gateway", "Provisioning", "Reconciliation", "Rooms", "Storage", "Tokens", "Workflow", "YCRDT", "YProtocol"]),
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets"], swiftSettings: instrumented + [.unsafeFlags(["-parse-as-library"])],
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]),
  ],
  swiftLanguageModes: [.v6]
)
