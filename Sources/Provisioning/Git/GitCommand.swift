/// One call of git.
struct GitCommand: Sendable {
  var arguments: [String]
  var environment: [String: String]
  var input: [UInt8] = []
  var timeout: Duration
  /// How long it has between being asked to end and being killed.
  var grace: Duration
  var maximumOutputBytes: Int
  /// Looked at again and again while git runs; what it gives back ends git.
  var watch: (@Sendable () -> GitError?)?
}

/// What git gave back.
struct GitOutput: Sendable {
  /// 0 if it has done what it was told.
  let exitCode: Int32
  let bytes: [UInt8]
  /// What it said on standard error.
  let errors: String

  var text: String { String(decoding: bytes, as: UTF8.self) }
  /// The text without the line end at its end.
  var line: Substring { text.last == "\n" ? text.dropLast() : text[...] }
}
