import Glibc

/// How far long work has come, in a line that stays one, for people who look on.
enum Progress {
  private static let isShown = isatty(STDERR_FILENO) == 1

  static func show(_ text: String) {
    guard isShown else { return }
    write("\r\u{1B}[K\(text)")
  }

  static func end() {
    guard isShown else { return }
    write("\r\u{1B}[K")
  }

  private static func write(_ text: String) {
    var text = text
    text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
