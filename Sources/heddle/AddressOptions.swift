import ArgumentParser
import Gateway

/// Whom the server takes those for who come, and what may come from one address, each a flag.
struct AddressOptions: ParsableArguments {
  @Option(
    help:
      "Proxies that are believed when they say for whom they speak: addresses and networks, as in 10.0.0.0/8, separated by commas."
  )
  var trustedProxies: AddressList = environmentDefault("trusted-proxies", AddressList(ranges: []))

  @Option(help: "Where they say it: x-forwarded-for (with x-forwarded-proto) or forwarded.")
  var forwardedHeader: ProxyTrust.Header = environmentDefault("forwarded-header", ProxyTrust().header)

  @Option(help: "Open connections of one address at most; 0: any number.")
  var maximumConnectionsPerAddress: Int = environmentDefault(
    "maximum-connections-per-address", defaults.connections)

  @Option(help: "New connections of one address per second; 0: any number.")
  var connectionsPerSecondPerAddress: Int = environmentDefault(
    "connections-per-second-per-address", Int(defaults.connectionsPerSecond))

  @Option(help: "Requests of one address per second; 0: any number.")
  var requestsPerSecondPerAddress: Int = environmentDefault(
    "requests-per-second-per-address", Int(defaults.requestsPerSecond))

  @Option(help: "Tokens of one address per second that are no good; 0: any number.")
  var refusedTokensPerSecondPerAddress: Int = environmentDefault(
    "refused-tokens-per-second-per-address", Int(defaults.refusedTokensPerSecond))

  @Option(help: "Addresses and networks that the limits per address are not for; 'none' for no such.")
  var unlimitedAddresses: AddressList = environmentDefault("unlimited-addresses", AddressList(ranges: defaults.exempt))

  private static let defaults = AddressLimits()

  /// Puts what the flags say into `configuration`.
  func apply(to configuration: inout ServerConfiguration) {
    configuration.proxies.proxies = trustedProxies.ranges
    configuration.proxies.header = forwardedHeader
    configuration.addresses.connections = maximumConnectionsPerAddress
    configuration.addresses.connectionsPerSecond = Double(connectionsPerSecondPerAddress)
    configuration.addresses.requestsPerSecond = Double(requestsPerSecondPerAddress)
    configuration.addresses.refusedTokensPerSecond = Double(refusedTokensPerSecondPerAddress)
    configuration.addresses.exempt = unlimitedAddresses.ranges
  }
}

/// Addresses and networks as a flag has them.
struct AddressList: ExpressibleByArgument {
  var ranges: [AddressRange]

  init(ranges: [AddressRange]) {
    self.ranges = ranges
  }

  /// Reads "10.0.0.0/8,::1"; "none" is an empty list.
  init?(argument: String) {
    ranges = []
    guard argument != "none" else { return }
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let range = AddressRange(part.filter { $0 != " " }) else { return nil }
      ranges.append(range)
    }
  }

  var defaultValueDescription: String {
    ranges.isEmpty ? "none" : ranges.map(\.description).joined(separator: ",")
  }
}

extension ProxyTrust.Header: ExpressibleByArgument {}
