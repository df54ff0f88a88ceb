internal import CWebSockets
import Storage

/// One connection while it speaks HTTP: its requests, one after the other, and their time limits.
///
/// While a request waits for its answer nothing is read, so that pipelined requests wait in the kernel. Confined to the
/// loop's thread; the C side holds the one reference that keeps it alive.
final class HTTPSession {
  private enum State {
    case reading
    /// The head of a request with a large body was handed over; the body waits in the kernel.
    case judging(HTTPExchange, HTTPMessage)
    /// The request was handed over; `key` when it is a websocket handshake.
    case answering(HTTPExchange, method: String, keepsAlive: Bool, key: String?)
    /// An answer is being sent piece by piece. It ends with the connection.
    case streaming(HTTPExchange, any HTTPStreamer)
    /// Nothing more is taken from the client.
    case finished
  }

  unowned let loop: EventLoop
  /// Nil once the connection is closed or has become a websocket.
  private var tcp: OpaquePointer?
  private let id: ConnectionID
  /// Who has opened the socket: the client, or a proxy.
  let socket: Peer
  /// Who has sent the last request.
  private var peer: Peer
  private var parser: HTTPRequestParser
  private var state = State.reading
  private var requests: UInt32 = 0
  /// When the request that is being answered was complete, and what it is called.
  private var began: Milliseconds = 0
  private var request: RequestMark?
  private var isAdvancing = false
  private var deadline: Milliseconds
  /// Whether the handshake that waits for its answer offers our subprotocol, which then is selected.
  private var offersSubprotocol = false
  /// What the request under way counts of `EventLoop.bodyBytes`.
  private var countedBodyBytes = 0
  private var pendingBytes = 0
  private var pendingSince: Milliseconds = 0
  /// When the request under way began to arrive, and since when something waits to be sent.
  private var begun: Milliseconds = 0
  private var writingSince: Milliseconds = 0

  init(loop: EventLoop, tcp: OpaquePointer) {
    self.loop = loop
    self.tcp = tcp
    let id = cws_tcp_id(tcp)
    self.id = ConnectionID(slot: id.slot, generation: id.generation)
    let socket = Peer(cws_tcp_peer(tcp))
    (self.socket, peer) = (socket, socket)
    let configuration = loop.configuration
    parser = HTTPRequestParser(
      limits: .init(
        headBytes: configuration.maximumHeadBytes, headerCount: configuration.maximumHeaderCount,
        bodyBytes: configuration.maximumBodyBytes, judgedBodyBytes: configuration.maximumUnauthenticatedBodyBytes),
      peer: socket)
    (begun, writingSince) = (loop.now, loop.now)
    deadline = loop.now + Milliseconds(configuration.headTimeout.wholeMilliseconds)
  }

  // MARK: Events

  func received(_ bytes: UnsafeRawBufferPointer) {
    // Who is sent a stream has nothing more to say on this connection.
    if case .streaming = state { return abort() }
    guard case .reading = state else { return }
    if parser.isEmpty {
      setDeadline(loop.configuration.headTimeout)
      begun = loop.now
    }
    parser.append(bytes)
    if parser.isInBody { setDeadline(loop.configuration.bodyTimeout, notAfter: begun) }
    advance()
  }

  /// What was queued has left.
  func drained() {
    if case .streaming(_, let streamer) = state { streamer.drained() } else { advance() }
  }

  func closed() {
    let last = state
    tcp = nil
    release()
    state = .finished
    if case .streaming(_, let streamer) = last { streamer.closed() }
  }

  func tick(now: Milliseconds) {
    guard let tcp, !isStuck(tcp, now: now), now >= deadline else { return }
    switch state {
    case .finished, .streaming: break
    case .reading where parser.isEmpty: finish()
    case .reading: refuse(HTTPRefusal(status: 408, text: "The request did not arrive in time."))
    case .answering(let exchange, _, _, _), .judging(let exchange, _):
      loop.log("no answer in time", metadata: ["method": "\(methodInProgress)"])
      var response = HTTPResponse.text(504, "The server did not answer in time.\n")
      response.closesConnection = true
      respond(to: exchange, with: response)
    }
  }

  /// Cuts the connection.
  func abort() {
    if let tcp { cws_tcp_abort(tcp) }
  }

  /// Closes if nothing is under way, else after the answer that is.
  func drain() {
    switch state {
    case .reading: finish()
    case .streaming(let exchange, let streamer):
      endStream(exchange)
      streamer.closed()
    case .answering, .judging, .finished: break
    }
  }

  // MARK: Answers

  /// False when this exchange is over already.
  @discardableResult
  func respond(to exchange: HTTPExchange, with response: HTTPResponse) -> Bool {
    if case .judging(exchange, _) = state { return decide(exchange, body: .refuse(response)) }
    guard let tcp, case .answering(exchange, let method, let keepsAlive, _) = state else { return false }
    loop.answers.note(status: response.status, after: loop.now - began)
    release()
    request?.answered(response.status, loop.logger)
    let closes = !keepsAlive || response.closesConnection || loop.isDraining
    write(response, withBody: method != "HEAD", closes: closes, to: tcp)
    if closes {
      finish()
    } else {
      state = .reading
      setDeadline(parser.isEmpty ? loop.configuration.keepAliveTimeout : loop.configuration.headTimeout)
      cws_tcp_set_reading(tcp, true)
      advance()
    }
    return true
  }

  /// Lets an answer take so long from now on.
  func allow(_ exchange: HTTPExchange, _ limit: Duration) {
    if case .answering(exchange, _, _, _) = state { setDeadline(limit) }
  }

  /// Begins an answer without a body; that follows by `stream`. False when this exchange is over already.
  func beginStream(for exchange: HTTPExchange, _ head: HTTPResponse, _ streamer: any HTTPStreamer) -> Bool {
    guard let tcp, case .answering(exchange, _, _, nil) = state, !loop.isDraining else { return false }
    loop.answers.note(status: head.status, after: loop.now - began)
    release()
    state = .streaming(exchange, streamer)
    write(self.head(of: head, length: nil, closes: true), to: tcp)
    // A client that goes is noticed only where something is read.
    if let tcp = self.tcp { cws_tcp_set_reading(tcp, true) }
    return self.tcp != nil
  }

  /// Sends a piece of the body. False when not all of it has left for the kernel: then `HTTPStreamer.drained` is called when it
  /// has, or `closed`.
  func stream(_ bytes: [UInt8], to exchange: HTTPExchange) -> Bool {
    guard let tcp, case .streaming(exchange, _) = state else { return false }
    write(bytes, to: tcp)
    return self.tcp.map { cws_tcp_pending($0) == 0 } ?? false
  }

  /// Ends the body, and the connection with it. Its streamer hears nothing more.
  func endStream(_ exchange: HTTPExchange) {
    guard case .streaming(exchange, _) = state else { return }
    finish()
  }

  /// False when this exchange is over already, or is no handshake, or the websocket could not be opened.
  @discardableResult
  func decide(_ exchange: HTTPExchange, _ decision: UpgradeDecision) -> Bool {
    switch decision {
    case .later: return true
    case .refuse(let response): return respond(to: exchange, with: response)
    case .accept(let object):
      guard let tcp, case .answering(exchange, _, _, let key?) = state else { return false }
      guard loop.addresses.admits(websocket: id, of: peer, over: socket, now: loop.now) else {
        loop.refused(.addressConnections, peer)
        return respond(to: exchange, with: .tooManyRequests("There are too many connections from your address."))
      }
      let surplus = parser.takeSurplus()
      closed()
      let retained = object.map { Unmanaged.passRetained($0) }
      let isOpen = surplus.withUnsafeBufferPointer {
        cws_tcp_upgrade(tcp, key, offersSubprotocol, retained?.toOpaque(), $0.baseAddress, $0.count)
      }
      if !isOpen {
        retained?.release()
        loop.addresses.left(websocket: id)
      }
      loop.forget(self)
      return isOpen
    }
  }

  // MARK: Steps

  /// Reads requests until there is no further one, or one waits for its answer, or an answer has not left yet.
  private func advance() {
    guard !isAdvancing else { return }
    isAdvancing = true
    defer { isAdvancing = false }
    while let tcp, case .reading = state, cws_tcp_pending(tcp) == 0 {
      do throws(HTTPRefusal) {
        switch try parser.next() {
        case .incomplete(let expectsContinue):
          if expectsContinue { write("HTTP/1.1 100 Continue\r\n\r\n", to: tcp) }
          return
        case .largeBody(let message): judge(message, tcp)
        case .request(let message): handOver(message, tcp)
        }
      } catch {
        return refuse(error)
      }
    }
  }

  private func handOver(_ message: HTTPMessage, _ tcp: OpaquePointer) {
    var message = message
    identify(&message)
    requests += 1
    began = loop.now
    let mark = RequestMark(message.request, loop.configuration.tracing)
    request = mark
    let exchange = HTTPExchange(connection: id, number: requests)
    state = .answering(
      exchange, method: message.request.method, keepsAlive: message.keepsAlive, key: message.webSocketKey)
    offersSubprotocol = message.request.subprotocols.contains(Subprotocol.name)
    setDeadline(loop.configuration.responseTimeout)
    cws_tcp_set_reading(tcp, false)
    if !loop.addresses.admitsRequest(of: peer, now: loop.now) {
      loop.refused(.addressRequests, peer)
      respond(to: exchange, with: .tooManyRequests("There are too many requests from your address."))
    } else if message.webSocketKey == nil {
      RequestContext.$current.withValue(mark.context) {
        loop.delegate.received(message.request, exchange: exchange)
      }
    } else if loop.isDraining {
      respond(to: exchange, with: .text(503, "The server is stopping.\n", headers: [(name: "retry-after", value: "1")]))
    } else {
      decide(exchange, loop.delegate.decideUpgrade(message.request, exchange: exchange))
    }
  }

  // MARK: Large bodies

  /// Has it decided whether a large body is taken; until then it waits in the kernel.
  private func judge(_ message: HTTPMessage, _ tcp: OpaquePointer) {
    var message = message
    identify(&message)
    requests += 1
    let exchange = HTTPExchange(connection: id, number: requests)
    (began, request) = (loop.now, RequestMark(message.request, loop.configuration.tracing))
    state = .judging(exchange, message)
    setDeadline(loop.configuration.responseTimeout)
    cws_tcp_set_reading(tcp, false)
    decide(exchange, body: loop.delegate.judgeBody(of: message.request, exchange: exchange))
  }

  /// False when this exchange is over already, or was decided.
  @discardableResult
  func decide(_ exchange: HTTPExchange, body decision: BodyDecision) -> Bool {
    guard let tcp, case .judging(exchange, let message) = state else { return false }
    switch decision {
    case .later: break
    case .refuse(let response):
      loop.answers.note(status: response.status, after: loop.now - began)
      request?.answered(response.status, loop.logger)
      write(response, withBody: message.request.method != "HEAD", closes: true, to: tcp)
      finish()
    case .take:
      let total = loop.bodyBytes + message.contentLength
      guard total <= loop.configuration.maximumBodyBytesAtOnce else {
        loop.refused(.bodies, peer)
        return decide(
          exchange, body: .refuse(.text(503, "The server is taking in too much at once.\n", headers: Self.soon)))
      }
      countedBodyBytes = message.contentLength
      loop.bodyBytes = total
      state = .reading
      setDeadline(loop.configuration.bodyTimeout, notAfter: begun)
      cws_tcp_set_reading(tcp, true)
      advance()
    }
    return true
  }

  private static let soon = [(name: "retry-after", value: "10")]

  /// The request under way has been answered, or is given up.
  private func release() {
    loop.bodyBytes -= countedBodyBytes
    countedBodyBytes = 0
  }

  /// Whom a trusted proxy speaks for in a request.
  private func identify(_ message: inout HTTPMessage) {
    peer = loop.addresses.trust.sender(of: message.request, from: socket)
    message.request.peer = peer
  }

  private func refuse(_ refusal: HTTPRefusal) {
    guard let tcp else { return }
    // What cannot be read has no name.
    request = nil
    loop.refused(.request, socket, because: "\(refusal.status) \(refusal.text)")
    write(refusal.response, withBody: true, closes: true, to: tcp)
    finish()
  }

  private func finish() {
    guard let tcp else { return }
    state = .finished
    cws_tcp_finish(tcp)
  }

  /// `begin` is when what is under way began, which may not take longer than `transferTimeout` in all.
  private func setDeadline(_ limit: Duration, notAfter begin: Milliseconds? = nil) {
    deadline = loop.now + Milliseconds(limit.wholeMilliseconds)
    if let begin {
      deadline = min(deadline, begin + Milliseconds(loop.configuration.transferTimeout.wholeMilliseconds))
    }
  }

  /// Cuts the connection when an answer makes no progress, or too little.
  private func isStuck(_ tcp: OpaquePointer, now: Milliseconds) -> Bool {
    let pending = cws_tcp_pending(tcp)
    if pending == 0 { writingSince = now }
    if pending != pendingBytes || pending == 0 {
      pendingBytes = pending
      pendingSince = now
    }
    let configuration = loop.configuration
    guard
      now - pendingSince > Milliseconds(configuration.writeTimeout.wholeMilliseconds)
        || now - writingSince > Milliseconds(configuration.transferTimeout.wholeMilliseconds)
    else { return false }
    cws_tcp_abort(tcp)
    return true
  }

  private var methodInProgress: String {
    if case .answering(_, let method, _, _) = state { method } else { "" }
  }

  private func head(of response: HTTPResponse, length: Int?, closes: Bool) -> String {
    var head = "HTTP/1.1 \(response.status) \(HTTPResponse.reason(of: response.status))\r\ndate: \(loop.httpDate)\r\n"
    if let request { head += "x-request-id: \(request.context.id)\r\n" }
    for (name, value) in response.headers { head += "\(name.withoutLineBreaks): \(value.withoutLineBreaks)\r\n" }
    if let length { head += "content-length: \(length)\r\n" }
    return head + (closes ? "connection: close\r\n\r\n" : "\r\n")
  }

  private func write(_ response: HTTPResponse, withBody: Bool, closes: Bool, to tcp: OpaquePointer) {
    let hasBody = response.status != 204 && response.status != 304
    let head = head(of: response, length: hasBody ? response.body.count : nil, closes: closes)
    if withBody, hasBody {
      write(Array(head.utf8) + response.body, to: tcp)
    } else {
      write(head, to: tcp)
    }
  }

  private func write(_ text: String, to tcp: OpaquePointer) {
    write(Array(text.utf8), to: tcp)
  }

  private func write(_ bytes: [UInt8], to tcp: OpaquePointer) {
    bytes.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      cws_tcp_write(tcp, start, buffer.count)
    }
  }
}

extension String {
  /// A header's name or value that cannot end its line.
  fileprivate var withoutLineBreaks: String {
    unicodeScalars.contains { $0 == "\r" || $0 == "\n" }
      ? String(String.UnicodeScalarView(unicodeScalars.filter { $0 != "\r" && $0 != "\n" })) : self
  }
}
