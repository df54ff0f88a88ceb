import Workflow

extension JSONValue {
  /// How deep what was stored may be nested. Documents take values of 512 levels, and records hold such values some levels
  /// further down: what was written has to be readable.
  static let maximumStoredDepth = 1024

  /// Reads a JSON column.
  init(stored text: [UInt8]) throws(JSONError) {
    try self.init(parsing: text, maximumDepth: Self.maximumStoredDepth)
  }
}
