// swift-tools-version: 6.1

import PackageDescription

// A package of its own, so that whoever depends on Heddle's libraries does not get what the examples need.
let package = Package(
  name: "examples",
  platforms: [.macOS(.v13)],
  dependencies: [.package(name: "heddle", path: "..")],
  targets: [
    .executableTarget(
      name: "EditTogether",
      dependencies: [.product(name: "HeddleClient", package: "heddle"), .product(name: "YCRDT", package: "heddle")])
  ],
  swiftLanguageModes: [.v6]
)
