internal import CWebSockets
import Glibc
import Logging
import Storage

/// Why the network could not be set up.
struct ServerError: Error, CustomStringConvertible {
  let description: String
}

/// One thread with one libuv loop and one libwebsockets context on it, its listening sockets and all their connections.
///
/// `@unchecked Sendable` is sound because everything mutable is either in `mailbox`, behind its lock, or touched on the
/// loop's thread only (before `start` returns there is no such thread yet); `preconditionOnLoop` checks that.
final class EventLoop: @unchecked Sendable {
  typealias Work = @Sendable () -> Void

  /// What another thread may do with a loop is to wake it, which is safe in C; hence `@unchecked Sendable`.
  struct WakeHandle: @unchecked Sendable {
    let loop: OpaquePointer
  }

  struct Mailbox {
    var work: [Work] = []
    /// Non-nil while the loop can be woken.
    var handle: WakeHandle?
    var thread: pthread_t?
    var isStopping = false
  }

  let configuration: ServerConfiguration
  let logger: Logger
  let mailbox = Locked(Mailbox())

  // On the loop's thread only.
  var loop: OpaquePointer?
  var delegate: any ServerDelegate = NoDelegate()
  private(set) var isDraining = false
  var onDrained: [() -> Void] = []
  var dateCache = HTTPDate()
  /// What became of requests.
  var answers = HTTPStatistics()
  var logBudget = EventLoop.logLinesPerSecond
  var logBudgetSince: Milliseconds = 0
  /// What comes from each address.
  let addresses: AddressBook
  /// What was turned away; what the C loop did is in its statistics.
  private(set) var refusals = RefusalCounts()
  /// Bytes of all bodies that are under way or being worked on, of those that are counted.
  var bodyBytes = 0

  static let logLinesPerSecond = 20

  init(configuration: ServerConfiguration, logger: Logger = Logger(label: "heddle.network")) {
    self.configuration = configuration
    self.logger = logger
    addresses = AddressBook(configuration.addresses, configuration.proxies)
  }

  // MARK: From any thread

  /// Binds all endpoints, starts the thread and makes the delegate on it. Returns where it listens.
  func start(
    _ makeDelegate: @escaping @Sendable (EventLoop) -> any ServerDelegate
  ) throws(ServerError) -> [ServerConfiguration.Endpoint] {
    let loop = try createLoop()
    let bound: [ServerConfiguration.Endpoint]
    do {
      bound = try listen(loop)
    } catch {
      cws_loop_destroy(loop)
      throw error
    }
    self.loop = loop
    mailbox.withLock { $0.handle = WakeHandle(loop: loop) }
    let main = Unmanaged.passRetained(Closure { [self] in run(makeDelegate) })
    var thread = pthread_t()
    let status = pthread_create(&thread, nil, { Closure.call(once: $0) }, main.toOpaque())
    guard status == 0 else {
      main.release()
      mailbox.withLock { $0.handle = nil }
      self.loop = nil
      cws_loop_destroy(loop)
      throw ServerError(description: "no thread for the event loop: \(String(cString: strerror(status)))")
    }
    mailbox.withLock { $0.thread = thread }
    return bound
  }

  /// Runs `work` on the loop's thread, in the order of the calls, and on behalf of the request that this thread works for.
  /// False when the loop is not running (any more).
  @discardableResult
  func execute(_ work: @escaping Work) -> Bool {
    let work = Self.carrying(RequestContext.current, work)
    return mailbox.withLock { mailbox -> Bool in
      guard let handle = mailbox.handle, !mailbox.isStopping else { return false }
      if mailbox.work.isEmpty { cws_loop_wake(handle.loop) }
      mailbox.work.append(work)
      return true
    }
  }

  private static func carrying(_ context: RequestContext?, _ work: @escaping Work) -> Work {
    guard let context else { return work }
    return { RequestContext.$current.withValue(context, operation: work) }
  }

  /// Closes everything and waits until the thread has ended; work that was accepted before is done first. Not from the
  /// loop's own thread. A second call does nothing, and does not wait.
  func stop() {
    precondition(!isOnLoop, "the event loop cannot wait for itself")
    let thread = mailbox.withLock { mailbox -> pthread_t? in
      guard let handle = mailbox.handle, !mailbox.isStopping else { return nil }
      mailbox.isStopping = true
      mailbox.work.append { [self] in loop.map { cws_loop_stop($0) } }
      cws_loop_wake(handle.loop)
      return mailbox.thread
    }
    guard let thread else { return }
    pthread_join(thread, nil)
  }

  /// Whether this is the loop's thread.
  var isOnLoop: Bool {
    mailbox.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
  }

  /// Stops the program when this is not the loop's thread.
  func preconditionOnLoop(_ function: StaticString = #function) {
    precondition(isOnLoop, "\(function) outside of the event loop's thread")
  }

  // MARK: On the loop's thread

  /// The loop's clock.
  var now: Milliseconds {
    loop.map { cws_loop_now($0) } ?? 0
  }

  /// Runs `work` once, on the loop's thread, after at least `delay`. Dropped when the loop ends before.
  func schedule(after delay: Duration, _ work: @escaping () -> Void) {
    guard let loop else { return }
    let closure = Unmanaged.passRetained(Closure(work))
    cws_loop_schedule(
      loop, UInt64(delay.wholeMilliseconds),
      { argument, isDue in
        let closure = Unmanaged<Closure>.fromOpaque(argument).takeRetainedValue()
        if isDue { closure.body() }
      }, closure.toOpaque())
  }

  /// The websocket with this id, while it is open.
  func connection(_ id: ConnectionID) -> Connection? {
    loop.flatMap { cws_loop_ws($0, cws_id(slot: id.slot, generation: id.generation)) }.map(Connection.init)
  }

  /// Answers a request. False when it was answered already or its connection is gone.
  @discardableResult
  func respond(to exchange: HTTPExchange, with response: HTTPResponse) -> Bool {
    session(exchange.connection)?.respond(to: exchange, with: response) ?? false
  }

  /// Gives a request that waits for its answer this time from now on in place of `ServerConfiguration.responseTimeout`.
  func allow(_ exchange: HTTPExchange, _ limit: Duration) {
    session(exchange.connection)?.allow(exchange, limit)
  }

  /// Begins an answer that is sent piece by piece, and ends with its connection. False when it was answered already or its
  /// connection is gone. The streamer stays until it is closed, or ends the stream.
  func beginStream(for exchange: HTTPExchange, _ head: HTTPResponse, _ streamer: any HTTPStreamer) -> Bool {
    session(exchange.connection)?.beginStream(for: exchange, head, streamer) ?? false
  }

  /// Sends a piece. False when it has not left for the kernel; then nothing more is to be sent before `HTTPStreamer.drained`.
  func stream(_ bytes: [UInt8], to exchange: HTTPExchange) -> Bool {
    session(exchange.connection)?.stream(bytes, to: exchange) ?? false
  }

  /// Ends an answer that is sent piece by piece.
  func endStream(_ exchange: HTTPExchange) {
    session(exchange.connection)?.endStream(exchange)
  }

  /// Says whether a large body is taken whose head `ServerDelegate.judgeBody` put off. False when it is gone meanwhile.
  @discardableResult
  func decide(_ exchange: HTTPExchange, body decision: BodyDecision) -> Bool {
    session(exchange.connection)?.decide(exchange, body: decision) ?? false
  }

  /// Counts that somebody was turned away, and says so in the log; of many within a second, some.
  func refused(
    _ refusal: Refusal, _ peer: Peer? = nil, because why: String? = nil, _ message: Logger.Message = "refused"
  ) {
    refusals[refusal] += 1
    var metadata: Logger.Metadata = ["limit": "\(refusal.rawValue)"]
    if let peer { metadata["peer"] = "\(peer)" }
    if let why { metadata["why"] = "\(why)" }
    log(message, metadata: metadata)
  }

  /// Decides a handshake that `ServerDelegate.decideUpgrade` put off. False when it is gone meanwhile.
  @discardableResult
  func decide(_ exchange: HTTPExchange, _ decision: UpgradeDecision) -> Bool {
    session(exchange.connection)?.decide(exchange, decision) ?? false
  }

  /// Takes no new connections from here on.
  func stopListening() {
    if let loop { cws_loop_stop_listening(loop) }
  }

  /// Stops listening, lets requests in progress finish, closes every websocket behind what is queued for it, cuts what is
  /// left after `limit`, and then calls `completion` (on the loop's thread).
  func drain(
    _ code: WebSocketCloseCode, reason: String, within limit: Duration, completion: @escaping () -> Void
  ) {
    stopListening()
    onDrained.append(completion)
    guard !isDraining else { return }
    isDraining = true
    eachSession { $0.drain() }
    eachConnection { $0.close(code, reason: reason) }
    schedule(after: limit) { [unowned self] in
      eachConnection { $0.kill() }
      eachSession { $0.abort() }
    }
    checkDrained()
  }

  /// Calls `body` for every open websocket.
  func eachConnection(_ body: (Connection) -> Void) {
    guard let loop else { return }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { body in
        cws_loop_each_ws(
          loop,
          { body, ws in
            body.assumingMemoryBound(to: ((Connection) -> Void).self).pointee(Connection(pointer: ws))
          }, UnsafeMutableRawPointer(mutating: body))
      }
    }
  }

  /// Counters and gauges of the network.
  var statistics: NetworkStatistics {
    NetworkStatistics(loop.map { cws_loop_statistics($0) } ?? cws_statistics(), refusals)
  }
}
