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
