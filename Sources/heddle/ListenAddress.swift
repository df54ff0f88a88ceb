import ArgumentParser
import Gateway

extension ServerConfiguration.Endpoint: ExpressibleByArgument {
  /// Reads "127.0.0.1:4400" or "[::1]:4400".
  public init?(argument: String) {
    guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...]) else {
      return nil
    }
    var address = argument[..<colon]
    if address.hasPrefix("["), address.hasSuffix("]") { address = address.dropFirst().dropLast() }
    guard !address.isEmpty else { return nil }
    self.init(address: address == "localhost" ? "127.0.0.1" : String(address), port: port)
  }

  public var defaultValueDescription: String { description }

  /// Whether only this machine can reach it.
  var isLoopback: Bool {
    address.hasPrefix("127.") || address == "::1"
  }
}

extension Duration: @retroactive ExpressibleByArgument {
  /// Reads a number of seconds, "20" or "0.5", perhaps with its unit "s"; or of milliseconds, "250ms".
  public init?(argument: String) {
    let (digits, factor): (Substring, Double) =
      if argument.hasSuffix("ms") {
        (argument.dropLast(2), 1)
      } else {
        (argument.hasSuffix("s") ? argument.dropLast() : argument[...], 1000)
      }
    guard let number = Double(digits), number >= 0, number < 1e12 else { return nil }
    self = .milliseconds(Int64(number * factor))
  }

  public var defaultValueDescription: String {
    let (seconds, attoseconds) = components
    return attoseconds == 0 ? "\(seconds)s" : "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms"
  }
}
