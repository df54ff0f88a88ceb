import ArgumentParser
import Glibc
import Logging
import Storage

/// How log lines are written to standard error.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}

extension LogFormat {
  /// Installs this format for every logger of the process.
  func install(level: Logger.Level) {
    switch self {
    case .text:
      LoggingSystem.bootstrap { label in
        var handler = StreamLogHandler.standardError(label: label, metadataProvider: RequestContext.metadataProvider)
        handler.logLevel = level
        return handler
      }
    case .json:
      LoggingSystem.bootstrap { _ in JSONLogHandler(logLevel: level) }
    }
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

/// One JSON object a line: time (milliseconds since 1970), level, message, then the metadata.
struct JSONLogHandler: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var line = "{\"time\":\(now.tv_sec * 1000 + now.tv_nsec / 1_000_000),\"level\":\"\(event.level)\",\"message\":"
    append(event.message.description, to: &line)
    let all = metadata.merging(RequestContext.metadataProvider.get()) { $1 }.merging(event.metadata ?? [:]) { $1 }
    for (key, value) in all.sorted(by: { $0.key < $1.key }) {
      line += ","
      append(key, to: &line)
      line += ":"
      append(value.description, to: &line)
    }
    line += "}\n"
    line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private func append(_ text: String, to line: inout String) {
    line += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": line += "\\\""
      case "\\": line += "\\\\"
      case "\n": line += "\\n"
      case _ where scalar.value < 0x20:
        line += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
      default: line.unicodeScalars.append(scalar)
      }
    }
    line += "\""
  }
}
