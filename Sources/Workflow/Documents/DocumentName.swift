/// The name of a shared document: `workflow:<uuid>` is a live workflow, `workflow:<uuid>:v<N>` a saved version of one.
public struct DocumentName: Hashable, Codable, Sendable, CustomStringConvertible {
  /// Lower-case uuid.
  public let workflowID: String
  /// The lock version of a saved version; nil for the live document.
  public let version: Int?

  /// The live document of a workflow, or a saved version of it.
  public init(workflowID: String, version: Int? = nil) {
    self.workflowID = workflowID.lowercased()
    self.version = version
  }

  /// Reads a name as clients write it; nil where it is not one of the two forms.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), parts[0] == "workflow", Self.isUUID(parts[1]) else { return nil }
    var version: Int?
    if parts.count == 3 {
      guard parts[2].first == "v", let number = Self.number(parts[2].dropFirst()) else { return nil }
      version = number
    }
    self.init(workflowID: String(parts[1]), version: version)
  }

  public var description: String {
    "workflow:\(workflowID)" + (version.map { ":v\($0)" } ?? "")
  }

  private static func number(_ digits: Substring) -> Int? {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int(digits)
  }

  /// Whether the text is a uuid as rows have it.
  static func isLowercaseUUID(_ text: String) -> Bool {
    isUUID(text) && !text.utf8.contains { (65...70).contains($0) }
  }

  /// Whether the text is a uuid in its usual form of 36 characters.
  public static func isUUID(_ text: some StringProtocol) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 36 else { return false }
    return bytes.enumerated().allSatisfy { index, byte in
      switch index {
      case 8, 13, 18, 23: byte == UInt8(ascii: "-")
      default: (48...57).contains(byte) || (97...102).contains(byte) || (65...70).contains(byte)
      }
    }
  }
}
