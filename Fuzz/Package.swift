// swift-tools-version: 6.1

import PackageDescription

// Fuzz/coverage builds everything so that the lines are counted that inputs reach, without sanitizers.
let countsLines = Context.environment["HEDDLE_FUZZ_COVERAGE"] != nil
let instrumentation = countsLines ? ["-profile-generate", "-profile-coverage-mapping"] : ["-sanitize=fuzzer,address"]
// The runtime's own main is not used; only a release build leaves it out, with the function that it would call.
let runtime =
  countsLines
  ? ["-profile-generate", "-sanitize=fuzzer", "-Xlinker", "--defsym=LLVMFuzzerTestOneInput=fuzz_main"]
  : ["-sanitize=fuzzer,address"]

// The sources under test are symbolic links, so that they are compiled with the fuzzer's instrumentation. Of modules that
// do more than read bytes there are only the files that do. Assertions stay on: most of what a fuzzer can find here is a
// broken invariant.
let instrumented: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .unsafeFlags(instrumentation + ["-assert-config", "Debug", "-enable-testing"]),
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
      linkerSettings: [.unsafeFlags(runtime + ["-use-ld=lld"])]),
  ],
  swiftLanguageModes: [.v6]
)
