import Logging

/// What libwebsockets says, for the whole process, at most a few lines a second: its text may hold what a peer sent.
enum NetworkLog {
  private static let logger = Logger(label: "heddle.libwebsockets")
  private static let budget = Locked((second: ContinuousClock.now, lines: 0))

  static func write(isError: Bool, _ text: String) {
    let isWithin = budget.withLock { budget in
      let now = ContinuousClock.now
      if now - budget.second >= .seconds(1) { budget = (now, 0) }
      budget.lines += 1
      return budget.lines <= 10
    }
    guard isWithin else { return }
    let printable = String(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.map(Character.init))
    logger.log(level: isError ? .error : .warning, "\(printable)")
  }
}
