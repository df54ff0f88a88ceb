/// Every limit of the network layer. The defaults are meant for production.
public struct ServerConfiguration: Sendable {
  /// A numeric address and a port to listen on. Port 0 takes a free one, which `EventLoop.start` returns.
  public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// "127.0.0.1", "::1", "0.0.0.0"; no names.
    public var address: String
    public var port: UInt16

    public init(address: String, port: UInt16) {
      self.address = address
      self.port = port
    }

    /// "127.0.0.1:4400", "[::1]:4400".
    public var description: String {
      address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
  }

  /// Where to listen.
  public var endpoints: [Endpoint]
  /// Connections that the kernel completes ahead of us.
  public var backlog = 1024
  /// Open connections at most; more are closed as soon as they are accepted. Keep it below `ulimit -n`.
  public var maximumConnections = 16_384

  /// What is recorded of how long requests take.
  public var tracing = TracingConfiguration()
  /// How often time limits are looked at, and `ServerDelegate.tick` is called.
  public var tickInterval = Duration.seconds(1)

  // MARK: HTTP

  /// Request line and headers, in bytes; more is answered with 431.
  public var maximumHeadBytes = 16_384
  /// Header lines of a request; more is answered with 431.
  public var maximumHeaderCount = 100
  /// A request's body, in bytes; more is answered with 413.
  public var maximumBodyBytes = 16 << 20
  /// How long a request's head may take, from its first byte (from the connection's begin for the first request).
  public var headTimeout = Duration.seconds(10)
  /// How long a request's body may take to make any progress.
  public var bodyTimeout = Duration.seconds(10)
  /// How long a request may wait for its answer before it is answered with 504.
  public var responseTimeout = Duration.seconds(60)
  /// How long an answer may make no progress towards the client.
  public var writeTimeout = Duration.seconds(20)
  /// How long a request may take to arrive as a whole, and an answer to leave, though they make progress.
  public var transferTimeout = Duration.seconds(300)
  /// How long a connection may wait for its next request.
  public var keepAliveTimeout = Duration.seconds(75)
  /// How long a client that was refused may go on sending before its connection is cut.
  public var lingerTimeout = Duration.seconds(2)

  /// A body of more bytes is taken only once it is known who sends it. Smaller ones, of which nobody can send many at once, come
  /// in with their request.
  public var maximumUnauthenticatedBodyBytes = 64 << 10
  /// What all these larger bodies may have together, in bytes; more is answered with 503.
  public var maximumBodyBytesAtOnce = 512 << 20

  // MARK: Addresses

  /// What may come from one address.
  public var addresses = AddressLimits()
  /// Which proxies are believed when they say for whom they speak.
  public var proxies = ProxyTrust()

  // MARK: Websockets

  /// Messages that a websocket may send, per second. Here and below ten seconds' worth may come at once; of one that sends more
  /// nothing is read for a while. 0: no limit.
  public var memberMessagesPerSecond = 1000
  /// Bytes of messages that a websocket may send, per second.
  public var memberBytesPerSecond = 8 << 20
  /// Bytes that a websocket may send per second that are no messages: pings and pongs. One that sends more is closed with 1008.
  public var memberControlBytesPerSecond = 64 << 10
  /// A received message, all fragments together, in bytes; more is closed with 1009.
  public var maximumMessageBytes = 16 << 20
  /// Fragments of a received message; more is closed with 1008.
  public var maximumFragments = 1024
  /// What is read of a websocket at once, in bytes; every websocket holds a buffer of this size. Where more has come, it is read on.
  public var receiveBufferBytes = 512
  /// The kernel's send buffer per connection; 0 leaves it to the kernel, which then keeps up to 4 MB for a stuck reader.
  public var socketSendBufferBytes = 256 << 10
  /// A websocket whose queue holds more than this many bytes is lagging: nothing more is queued for it.
  public var sendQueueSoftLimitBytes = 1 << 20
  /// A lagging websocket has caught up when its queue holds no more than this many bytes.
  public var sendQueueLowWaterBytes = 64 << 10
  /// A websocket whose queue would hold more than this many bytes is cut: a peer that makes us answer without end within
  /// one turn of the loop. A single longer message is still sent.
  public var sendQueueHardLimitBytes = 64 << 20
  /// How long a websocket may lag before it is closed with 1013.
  public var lagTimeout = Duration.seconds(30)
  /// How often every websocket is pinged.
  public var pingInterval = Duration.seconds(20)
  /// A websocket from which nothing (no pong either) came for this long is cut.
  public var idleTimeout = Duration.seconds(60)
  /// How long a closing websocket may take to send what is queued and to answer, before it is cut.
  public var closeTimeout = Duration.seconds(5)

  /// Listens on the given endpoints.
  public init(endpoints: [Endpoint]) {
    self.endpoints = endpoints
  }
}

extension Duration {
  /// Whole milliseconds, at least 0, cut off at 49 days.
  var wholeMilliseconds: UInt32 {
    let (seconds, attoseconds) = components
    guard seconds >= 0 else { return 0 }
    guard seconds < 4_294_967 else { return .max }
    return UInt32(seconds) * 1000 + UInt32(attoseconds / 1_000_000_000_000_000)
  }
}
