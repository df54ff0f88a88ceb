internal import CWebSockets
import Glibc
import Logging

// The thread's life, and what happens on it by itself.
extension EventLoop {
  func run(_ makeDelegate: @Sendable (EventLoop) -> any ServerDelegate) {
    guard let loop else { return }
    mailbox.withLock { $0.thread = pthread_self() }
    delegate = makeDelegate(self)
    cws_loop_run(loop)
    // What was accepted into the mailbox is still done; from here on nothing is accepted.
    mailbox.withLock { $0.isStopping = true }
    woken()
    mailbox.withLock { $0.handle = nil }
    cws_loop_destroy(loop)
    self.loop = nil
    delegate = NoDelegate()
    onDrained = []
  }

  func woken() {
    let work = mailbox.withLock { mailbox in
      let work = mailbox.work
      mailbox.work = []
      return work
    }
    for item in work { item() }
  }

  func tick(_ now: Milliseconds) {
    if now - logBudgetSince >= 1000 {
      logBudgetSince = now
      logBudget = Self.logLinesPerSecond
    }
    eachSession { $0.tick(now: now) }
    addresses.tick(now: now)
    delegate.tick(now: now)
  }

  func checkDrained() {
    guard isDraining, !onDrained.isEmpty else { return }
    let statistics = statistics
    guard statistics.httpConnections == 0, statistics.websockets == 0 else { return }
    let completions = onDrained
    onDrained = []
    for completion in completions { completion() }
  }
}

// MARK: - For HTTPSession

extension EventLoop {
  /// The time of day as HTTP writes it.
  var httpDate: String {
    dateCache.text(at: time(nil))
  }

  /// Logs at most `logLinesPerSecond` lines a second: what peers do must not fill the disk.
  func log(_ message: Logger.Message, metadata: Logger.Metadata = [:]) {
    guard logBudget > 0 else { return }
    logBudget -= 1
    logger.notice(message, metadata: metadata)
  }

  /// The C side lets go of a session that is closed or has become a websocket.
  func forget(_ session: HTTPSession) {
    Unmanaged.passUnretained(session).release()
  }

  func session(_ id: ConnectionID) -> HTTPSession? {
    guard let loop, let tcp = cws_loop_tcp(loop, cws_id(slot: id.slot, generation: id.generation)) else { return nil }
    return Unmanaged<HTTPSession>.fromOpaque(cws_tcp_object(tcp)).takeUnretainedValue()
  }

  func eachSession(_ body: (HTTPSession) -> Void) {
    guard let loop else { return }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { body in
        cws_loop_each_tcp(
          loop,
          { body, tcp in
            let session = Unmanaged<HTTPSession>.fromOpaque(cws_tcp_object(tcp)).takeUnretainedValue()
            body.assumingMemoryBound(to: ((HTTPSession) -> Void).self).pointee(session)
          }, UnsafeMutableRawPointer(mutating: body))
      }
    }
  }
}
