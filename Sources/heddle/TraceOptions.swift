import ArgumentParser
import Gateway
import Storage

/// What is recorded of how long requests take.
struct TraceOptions: ParsableArguments {
  @Option(help: "A file to which spans are appended, one JSON object a line.")
  var traceLog: String = environmentDefault("trace-log", "")

  @Option(help: "Of how many requests that say nothing about it themselves, from 0 to 1.")
  var traceRatio: Double = environmentDefault("trace-ratio", 1.0)

  mutating func validate() throws {
    guard (0...1).contains(traceRatio) else { throw ValidationError("--trace-ratio is a number from 0 to 1") }
  }

  /// The file; nil where none is wanted.
  func open() throws -> TraceLog? {
    guard !traceLog.isEmpty else { return nil }
    guard let log = TraceLog(path: traceLog) else {
      throw ProjectFileError(description: "--trace-log \(traceLog) cannot be written")
    }
    return log
  }

  func configuration(_ log: TraceLog?) -> TracingConfiguration {
    var configuration = TracingConfiguration()
    configuration.recorder = log
    configuration.ratio = traceRatio
    return configuration
  }
}
