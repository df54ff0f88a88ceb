import Workflow

/// What a fault did: a line of the table.
struct FaultReport {
  var edits = 0
  var saves = 0
  var imports = 0
  var lost = 0
  var doubled = 0
  /// From the end of the fault until every client was told that all it had typed is stored.
  var recovery: Duration?
  /// How connections of clients were closed.
  var closeCodes: Set<Int> = []
  /// The most memory that the server had, in bytes.
  var peakMemory = 0

  /// As a row of a table in Markdown.
  func row(_ fault: String) -> String {
    let codes =
      closeCodes.isEmpty
      ? "stayed connected" : "closed with " + closeCodes.sorted().map(String.init).joined(separator: ", ")
    let seconds = recovery.map { "\(Double(Int($0 / .milliseconds(10))) / 100) s" } ?? "-"
    return
      "| \(fault) | \(codes) | \(edits) edits, \(saves) saves, \(imports) imports | \(lost) | \(doubled) | \(seconds) | \(peakMemory >> 20) MiB |"
  }

  /// The tokens of a text, in order.
  static func tokens(in text: String) -> [String] {
    text.split(separator: "<", omittingEmptySubsequences: false).dropFirst().compactMap { part in
      guard let end = part.firstIndex(of: ">") else { return nil }
      return "<" + part[..<end] + ">"
    }
  }
}
