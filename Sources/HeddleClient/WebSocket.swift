import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// One websocket connection that carries binary messages.
struct WebSocket: Sendable {
  private static let maximumMessageBytes = 256 << 20

  private let channel: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

  /// Connects, and ends when the server has agreed to speak websocket. The token goes where it is in no address.
  static func connect(
    to address: ServerAddress, token: String? = nil, timeout: TimeAmount = .seconds(10)
  ) async throws -> WebSocket {
    let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connectTimeout(timeout)
      .channelOption(.socketOption(.so_keepalive), value: 1)
    let upgrade = try await bootstrap.connect(host: address.host, port: address.port) { channel in
      channel.eventLoop.makeCompletedFuture { try configure(channel, address, token, timeout) }
    }
    return try await upgrade.get()
  }

  private static func configure(
    _ channel: any Channel, _ address: ServerAddress, _ token: String?, _ timeout: TimeAmount
  ) throws -> EventLoopFuture<WebSocket> {
    // Whoever accepts connections and then says nothing is given up.
    let deadline = channel.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: address.path)
    head.headers.add(name: "Host", value: address.authority)
    if let token { head.headers.add(name: "Authorization", value: "Bearer \(token)") }
    let upgrader = NIOTypedWebSocketClientUpgrader<WebSocket>(maxFrameSize: maximumMessageBytes) { channel, _ in
      deadline.cancel()
      return channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(
          NIOWebSocketFrameAggregator(
            minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1 << 16, maxAccumulatedFrameSize: maximumMessageBytes)
        )
        return WebSocket(channel: try NIOAsyncChannel(wrappingChannelSynchronously: channel))
      }
    }
    let configuration = NIOTypedHTTPClientUpgradeConfiguration(
      upgradeRequestHead: head, upgraders: [upgrader],
      notUpgradingCompletionHandler: { channel in
        channel.close(promise: nil)
        return channel.eventLoop.makeFailedFuture(ClientError.noWebSocket)
      })
    var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
    // The server's first messages may come in one piece with its answer.
    pipeline.leftOverBytesStrategy = .forwardBytes
    return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
  }

  /// Closes a connection that is not used after all.
  func close() async {
    try? await channel.executeThenClose { _, _ in }
  }

  /// Calls `receive` with every message until the connection ends, which it always tells by an error, and sends what
  /// `outgoing` gives meanwhile.
  func run(
    sending outgoing: AsyncStream<[UInt8]>, receive: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    try await channel.executeThenClose { inbound, outbound in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for await message in outgoing { try await outbound.write(Self.frame(.binary, message)) }
          try await outbound.write(Self.frame(.connectionClose, [0x03, 0xE8]))
        }
        group.addTask {
          for try await frame in inbound { try await Self.handle(frame, outbound, receive) }
          throw ClientError.disconnected(code: nil, reason: "")
        }
        defer { group.cancelAll() }
        while try await group.next() != nil {}
      }
    }
  }

  private static func handle(
    _ frame: WebSocketFrame, _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>,
    _ receive: @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    let data = Array(frame.unmaskedData.readableBytesView)
    switch frame.opcode {
    case .binary: try await receive(data)
    case .ping:
      try await outbound.write(Self.frame(.pong, data))
      try await receive([])
    case .connectionClose:
      try? await outbound.write(Self.frame(.connectionClose, Array(data.prefix(2))))
      throw ClientError.disconnected(
        code: data.count < 2 ? nil : UInt16(data[0]) << 8 | UInt16(data[1]),
        reason: String(decoding: data.dropFirst(2), as: UTF8.self))
    default: break
    }
  }

  private static func frame(_ opcode: WebSocketOpcode, _ data: [UInt8]) -> WebSocketFrame {
    WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: ByteBuffer(bytes: data))
  }
}
