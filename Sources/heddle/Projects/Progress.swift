import Dispatch
import Glibc
import Synchronization

/// How far long work has come: for people who look on, a line that stays one; where nobody does, now and then a line.
enum Progress {
  private static let isShown = isatty(STDERR_FILENO) == 1
  /// How long something may take before it is said what it is, and how often again where no line can be renewed.
  private static let patience = DispatchTimeInterval.seconds(2)
  private static let interval = DispatchTimeInterval.seconds(10)
  /// What was last shown of what goes on.
  private static let latest = Mutex<String?>(nil)

  static func show(_ text: String) {
    latest.withLock { $0 = text }
    guard isShown else { return }
    write("\r\u{1B}[K\(text)")
  }

  static func end() {
    latest.withLock { $0 = nil }
    guard isShown else { return }
    write("\r\u{1B}[K")
  }

  /// Does something that may take long, and says on standard error what it is once it does.
  static func during<Result>(_ what: String, _ body: () throws -> Result) rethrows -> Result {
    let timer = DispatchSource.makeTimerSource()
    timer.schedule(deadline: .now() + patience, repeating: interval)
    timer.setEventHandler {
      let text = latest.withLock { $0 }
      if !isShown {
        report("heddle: \(text ?? what) …")
      } else if text == nil {
        write("\r\u{1B}[K\(what) …")
      }
    }
    timer.resume()
    defer {
      timer.cancel()
      end()
    }
    return try body()
  }

  private static func write(_ text: String) {
    var text = text
    text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
