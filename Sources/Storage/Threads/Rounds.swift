import Glibc

/// Something that the calling thread does now and then, and that is of less importance than what serves people.
struct Rounds {
  let interval: Duration
  /// When the first one begins, as parts of the interval: servers that start together do not all begin together.
  let begin: ClosedRange<Double>
  let wakeup: Wakeup

  private static let niceness: Int32 = 10

  /// Does `body` until it is stopped. The connection is closed in between. What it throws is told `failed`.
  func run(
    _ session: Session, _ body: (Session) throws(StoreError) -> Void, failed: (StoreError) -> Void
  ) {
    // On Linux this is about the calling thread only.
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
    var pause = interval * Double.random(in: begin)
    while true {
      wakeup.wait(socket: -1, limit: pause)
      guard !wakeup.isStopped else { return }
      pause = interval
      do throws(StoreError) { try body(session) } catch { failed(error) }
      session.connection.close()
    }
  }
}
