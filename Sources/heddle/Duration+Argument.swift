import ArgumentParser

extension Duration: @retroactive ExpressibleByArgument {
  /// Seconds of each unit, largest first.
  private static let units: [(suffix: String, seconds: Double)] = [
    ("ms", 0.001), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1), ("", 1),
  ]

  /// Reads a number of seconds, "20" or "0.5", or one with its unit: "250ms", "20s", "10m", "24h", "90d".
  public init?(argument: String) {
    guard let unit = Self.units.first(where: { argument.hasSuffix($0.suffix) }),
      let number = Double(argument.dropLast(unit.suffix.count)), number >= 0, number * unit.seconds < 1e9
    else { return nil }
    self = .milliseconds(Int64((number * unit.seconds * 1000).rounded()))
  }

  public var defaultValueDescription: String {
    let (seconds, attoseconds) = components
    guard attoseconds == 0 else { return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms" }
    return seconds > 0 && seconds % 86_400 == 0 ? "\(seconds / 86_400)d" : "\(seconds)s"
  }
}
