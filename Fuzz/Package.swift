// swift-tools-version: 6.1

import PackageDescription

// The sources under test are symbolic links, so that they are compiled with the fuzzer's instrumentation, and so that
// this package needs no other one. Assertions stay on: most of what a fuzzer can find here is a broken invariant.
let instrumented: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .unsafeFlags(["-sanitize=fuzzer,address", "-assert-config", "Debug", "-enable-testing"]),
]

let package = Package(
  name: "fuzz",
  targets: [
    .target(name: "YCRDT", swiftSettings: instrumented, linkerSettings: [.linkedLibrary("m")]),
    .target(name: "YProtocol", dependencies: ["YCRDT"], swiftSettings: instrumented),
    .target(name: "FuzzTargets", dependencies: ["YCRDT", "YProtocol"], swiftSettings: instrumented),
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets"], swiftSettings: instrumented + [.unsafeFlags(["-parse-as-library"])],
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]),
  ],
  swiftLanguageModes: [.v6]
)
