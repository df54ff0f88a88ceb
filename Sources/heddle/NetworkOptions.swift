import ArgumentParser
import Gateway

/// The limits of the network, each a flag.
struct NetworkOptions: ParsableArguments {
  @Option(help: "Where to listen: an address and a port (0 for a free one).")
  var listen: ServerConfiguration.Endpoint = environmentDefault("listen", .init(address: "127.0.0.1", port: 4400))

  @Option(help: "Open connections at most.")
  var maximumConnections: Int = environmentDefault("maximum-connections", defaults.maximumConnections)

  @Option(help: "Request line and headers of a request at most, in bytes.")
  var maximumHeadBytes: Int = environmentDefault("maximum-head-bytes", defaults.maximumHeadBytes)

  @Option(help: "Header lines of a request at most.")
  var maximumHeaderCount: Int = environmentDefault("maximum-header-count", defaults.maximumHeaderCount)

  @Option(help: "Body of a request at most, in bytes.")
  var maximumBodyBytes: Int = environmentDefault("maximum-body-bytes", defaults.maximumBodyBytes)

  @Option(help: "Body at most of a request that does not show a good token, where tokens are wanted, in bytes.")
  var maximumUnauthenticatedBodyBytes: Int = environmentDefault(
    "maximum-unauthenticated-body-bytes", defaults.maximumUnauthenticatedBodyBytes)

  @Option(help: "What all larger bodies may have together that are being taken in or worked on, in bytes.")
  var maximumBodyBytesAtOnce: Int = environmentDefault("maximum-body-bytes-at-once", defaults.maximumBodyBytesAtOnce)

  @Option(help: "Messages that a websocket may send per second; 0: any number.")
  var memberMessagesPerSecond: Int = environmentDefault("member-messages-per-second", defaults.memberMessagesPerSecond)

  @Option(help: "Bytes of messages that a websocket may send per second; 0: any number.")
  var memberBytesPerSecond: Int = environmentDefault("member-bytes-per-second", defaults.memberBytesPerSecond)

  @Option(help: "Bytes of pings and pongs that a websocket may send per second; 0: any number.")
  var memberControlBytesPerSecond: Int = environmentDefault(
    "member-control-bytes-per-second", defaults.memberControlBytesPerSecond)

  @Option(help: "A received websocket message at most, in bytes.")
  var maximumMessageBytes: Int = environmentDefault("maximum-message-bytes", defaults.maximumMessageBytes)

  @Option(help: "Fragments of a received websocket message at most.")
  var maximumFragments: Int = environmentDefault("maximum-fragments", defaults.maximumFragments)

  @Option(help: "Documents that one websocket may have open, in protocols with many.")
  var maximumDocumentsPerConnection: Int = environmentDefault(
    "maximum-documents-per-connection", GatewayConfiguration(network: defaults).maximumDocumentsPerConnection)

  @Option(help: "Requests of one websocket that may wait for their answers, in protocols that have requests.")
  var maximumRequestsPerConnection: Int = environmentDefault(
    "maximum-requests-per-connection", GatewayConfiguration(network: defaults).maximumRequestsPerConnection)

  @Option(help: "Bytes that a client may send before it is known what it may do, in protocols with tokens in messages.")
  var maximumUnauthenticatedBytes: Int = environmentDefault(
    "maximum-unauthenticated-bytes", GatewayConfiguration(network: defaults).maximumUnauthenticatedBytes)

  @Option(help: "How long a websocket may be open without a token, in protocols with tokens in messages.")
  var authenticationTimeout: Duration = environmentDefault(
    "authentication-timeout", GatewayConfiguration(network: defaults).authenticationTimeout)

  @Option(help: "Documents of one project that may be open here for somebody; 0: any number.")
  var maximumDocumentsPerProject: Int = environmentDefault(
    "maximum-documents-per-project", GatewayConfiguration(network: defaults).maximumDocumentsPerProject)

  @Flag(
    inversion: .prefixedNo,
    help: "Send clients of /collab their own edits back once they are stored, unless they say echo=0 themselves.")
  var echoUpdates: Bool = environmentDefault("echo-updates", false)

  @Option(help: "Bytes of one client's edits that may wait to be stored and sent back to it.")
  var maximumEchoBytes: Int = environmentDefault(
    "maximum-echo-bytes", GatewayConfiguration(network: defaults).maximumEchoBytes)

  @Option(help: "Bytes queued for a websocket above which it counts as lagging and is resynced later.")
  var sendQueueSoftLimitBytes: Int = environmentDefault("send-queue-soft-limit-bytes", defaults.sendQueueSoftLimitBytes)

  @Option(help: "Bytes queued for a lagging websocket at which it is resynced.")
  var sendQueueLowWaterBytes: Int = environmentDefault("send-queue-low-water-bytes", defaults.sendQueueLowWaterBytes)

  @Option(help: "How long a request's head may take.")
  var headTimeout: Duration = environmentDefault("head-timeout", defaults.headTimeout)

  @Option(help: "How long a request's body may make no progress.")
  var bodyTimeout: Duration = environmentDefault("body-timeout", defaults.bodyTimeout)

  @Option(help: "How long a request may wait for its answer.")
  var responseTimeout: Duration = environmentDefault("response-timeout", defaults.responseTimeout)

  @Option(help: "How long an answer may make no progress towards the client.")
  var writeTimeout: Duration = environmentDefault("write-timeout", defaults.writeTimeout)

  @Option(help: "How long a request may take to arrive, and an answer to leave, though they make progress.")
  var transferTimeout: Duration = environmentDefault("transfer-timeout", defaults.transferTimeout)

  @Option(help: "How long a connection may wait for its next request.")
  var keepAliveTimeout: Duration = environmentDefault("keep-alive-timeout", defaults.keepAliveTimeout)

  @Option(help: "How long a websocket may lag before it is closed.")
  var lagTimeout: Duration = environmentDefault("lag-timeout", defaults.lagTimeout)

  @Option(help: "How often websockets are pinged.")
  var pingInterval: Duration = environmentDefault("ping-interval", defaults.pingInterval)

  @Option(help: "How long a websocket may send nothing, pongs included.")
  var idleTimeout: Duration = environmentDefault("idle-timeout", defaults.idleTimeout)

  @Option(help: "How long a websocket may have no document open, in protocols with many.")
  var unusedTimeout: Duration = environmentDefault(
    "unused-timeout", GatewayConfiguration(network: defaults).unusedTimeout)

  @Option(help: "How long a closing websocket may take.")
  var closeTimeout: Duration = environmentDefault("close-timeout", defaults.closeTimeout)

  @Option(
    help: """
      How long the event loop may stand still before the server ends itself, for whoever started it to start it again; \
      0: for ever.
      """)
  var watchdogTimeout: Duration = environmentDefault("watchdog-timeout", .seconds(30))

  @OptionGroup var addresses: AddressOptions

  private static let defaults = ServerConfiguration(endpoints: [])

  /// The configuration that the flags describe.
  var configuration: ServerConfiguration {
    var configuration = ServerConfiguration(endpoints: [listen])
    configuration.maximumConnections = maximumConnections
    configuration.maximumHeadBytes = maximumHeadBytes
    configuration.maximumHeaderCount = maximumHeaderCount
    configuration.maximumBodyBytes = maximumBodyBytes
    configuration.maximumMessageBytes = maximumMessageBytes
    configuration.maximumFragments = maximumFragments
    configuration.sendQueueSoftLimitBytes = sendQueueSoftLimitBytes
    configuration.sendQueueLowWaterBytes = sendQueueLowWaterBytes
    configuration.headTimeout = headTimeout
    configuration.bodyTimeout = bodyTimeout
    configuration.responseTimeout = responseTimeout
    configuration.writeTimeout = writeTimeout
    configuration.keepAliveTimeout = keepAliveTimeout
    configuration.lagTimeout = lagTimeout
    configuration.pingInterval = pingInterval
    configuration.idleTimeout = idleTimeout
    configuration.closeTimeout = closeTimeout
    configuration.transferTimeout = transferTimeout
    configuration.maximumUnauthenticatedBodyBytes = maximumUnauthenticatedBodyBytes
    configuration.maximumBodyBytesAtOnce = maximumBodyBytesAtOnce
    configuration.memberMessagesPerSecond = memberMessagesPerSecond
    configuration.memberBytesPerSecond = memberBytesPerSecond
    configuration.memberControlBytesPerSecond = memberControlBytesPerSecond
    addresses.apply(to: &configuration)
    return configuration
  }
}
