internal import CWebSockets
import Glibc

// What the C loop calls, and how it is made.
extension EventLoop {
  func listen(_ loop: OpaquePointer) throws(ServerError) -> [ServerConfiguration.Endpoint] {
    var bound: [ServerConfiguration.Endpoint] = []
    for endpoint in configuration.endpoints {
      let port = cws_loop_listen(loop, endpoint.address, endpoint.port, Int32(configuration.backlog))
      guard port >= 0 else {
        throw ServerError(description: "cannot listen on \(endpoint): \(String(cString: strerror(-port)))")
      }
      bound.append(.init(address: endpoint.address, port: UInt16(port)))
    }
    return bound
  }

  func createLoop() throws(ServerError) -> OpaquePointer {
    var limits = cws_limits(configuration)
    var callbacks = cws_callbacks(
      context: Unmanaged.passUnretained(self).toOpaque(),
      woken: { withLoop($0) { $0.woken() } },
      admits: { context, peer in withLoop(context) { $0.admits(peer) } },
      tick: { context, now in withLoop(context) { $0.tick(now) } },
      tcp_opened: { context, tcp in
        withLoop(context) { Unmanaged.passRetained(HTTPSession(loop: $0, tcp: tcp)).toOpaque() }
      },
      tcp_received: { object, _, bytes, count in
        httpSession(object).received(UnsafeRawBufferPointer(start: bytes, count: count))
      },
      tcp_drained: { object, _ in httpSession(object).drained() },
      tcp_closed: { object, _ in
        let session = httpSession(object)
        session.closed()
        session.loop.addresses.left(socket: session.socket.address)
        session.loop.forget(session)
        session.loop.checkDrained()
      },
      ws_opened: { context, ws in withLoop(context) { $0.opened(Connection(pointer: ws)) } },
      ws_received: { context, ws, bytes, count, isBinary in
        withLoop(context) {
          $0.delegate.received(
            UnsafeRawBufferPointer(start: bytes, count: count), isBinary: isBinary, from: Connection(pointer: ws))
        }
      },
      ws_lagging: { context, ws in withLoop(context) { $0.delegate.lagging(Connection(pointer: ws)) } },
      ws_caught_up: { context, ws in withLoop(context) { $0.delegate.caughtUp(Connection(pointer: ws)) } },
      ws_closed: { context, ws, code in
        withLoop(context) { $0.closed(Connection(pointer: ws), WebSocketCloseCode(rawValue: code)) }
      })
    cws_set_log_handler { isError, text in NetworkLog.write(isError: isError, String(cString: text)) }
    guard let loop = cws_loop_create(&limits, &callbacks) else {
      throw ServerError(
        description: "libwebsockets does not start; is its plugin for libuv installed (libwebsockets-evlib-uv), "
          + "and can /dev/urandom be opened?")
    }
    return loop
  }

  fileprivate func admits(_ peer: cws_address) -> Bool {
    let peer = Peer(peer)
    guard addresses.admits(socket: peer.address, now: now) else {
      refused(.addressConnections, peer)
      return false
    }
    return true
  }

  fileprivate func opened(_ connection: Connection) {
    delegate.opened(connection)
  }

  fileprivate func closed(_ connection: Connection, _ code: WebSocketCloseCode) {
    delegate.closed(connection, code: code)
    connection.attach(nil)
    addresses.left(websocket: connection.id)
    checkDrained()
  }
}

/// The loop behind a C callback, without a retain: it outlives the C loop.
private func withLoop<Result>(_ context: UnsafeMutableRawPointer?, _ body: (EventLoop) -> Result) -> Result {
  guard let context else { fatalError("a callback without its loop") }
  return Unmanaged<EventLoop>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
}

private func httpSession(_ object: UnsafeMutableRawPointer) -> HTTPSession {
  Unmanaged<HTTPSession>.fromOpaque(object).takeUnretainedValue()
}

extension cws_limits {
  fileprivate init(_ configuration: ServerConfiguration) {
    self.init(
      tick_ms: max(1, configuration.tickInterval.wholeMilliseconds),
      max_connections: UInt32(configuration.maximumConnections),
      max_message: UInt32(configuration.maximumMessageBytes),
      max_fragments: UInt32(configuration.maximumFragments),
      receive_buffer: UInt32(configuration.receiveBufferBytes),
      socket_send_buffer: UInt32(configuration.socketSendBufferBytes),
      soft_limit: UInt32(configuration.sendQueueSoftLimitBytes),
      low_water: UInt32(configuration.sendQueueLowWaterBytes),
      hard_limit: UInt32(configuration.sendQueueHardLimitBytes),
      lag_timeout_ms: configuration.lagTimeout.wholeMilliseconds,
      ping_interval_ms: configuration.pingInterval.wholeMilliseconds,
      idle_timeout_ms: configuration.idleTimeout.wholeMilliseconds,
      close_timeout_ms: configuration.closeTimeout.wholeMilliseconds,
      linger_ms: configuration.lingerTimeout.wholeMilliseconds,
      messages_per_second: UInt32(clamping: configuration.memberMessagesPerSecond),
      bytes_per_second: UInt64(clamping: min(configuration.memberBytesPerSecond, 1 << 40)),
      control_bytes_per_second: UInt32(clamping: configuration.memberControlBytesPerSecond))
  }
}

extension Peer {
  init(_ address: cws_address) {
    self = withUnsafeBytes(of: address.bytes) { Peer(socket: NetworkAddress(bytes: $0), port: address.port) }
  }
}
