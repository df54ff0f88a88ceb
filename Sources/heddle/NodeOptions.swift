import ArgumentParser
import Storage

/// How a server is one of several on the same database, each a flag.
struct NodeOptions: ParsableArguments {
  @Option(help: "How long a server that is not seen any more still counts as there.")
  var nodeLease: Duration = environmentDefault("node-lease", defaults.lease)

  @Option(
    help: """
      What servers tell each other things over: redis://[user:password@]host[:port], valkey:// likewise, or \
      unix://[user:password@]/path/of/the/socket. Without it, the database.
      """)
  var busURL: String = environmentDefault("bus-url", "")

  @Option(help: "How long what clients show of themselves waits at least before other servers are told more of it.")
  var presenceInterval: Duration = environmentDefault("presence-interval", defaults.presenceInterval)

  private static let defaults = NodeConfiguration()

  mutating func validate() throws {
    guard nodeLease >= .seconds(1) else { throw ValidationError("--node-lease is at least 1s") }
    do {
      _ = try busAddress()
    } catch {
      throw ValidationError("--bus-url: \(error)")
    }
  }

  private func busAddress() throws(BusAddress.Invalid) -> BusAddress? {
    busURL.isEmpty ? nil : try BusAddress(busURL)
  }

  /// What the flags say.
  func configuration() -> NodeConfiguration {
    var configuration = NodeConfiguration()
    configuration.lease = nodeLease
    configuration.bus = try? busAddress()
    configuration.presenceInterval = presenceInterval
    configuration.version = Heddle.configuration.version
    return configuration
  }
}
