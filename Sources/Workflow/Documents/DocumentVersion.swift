/// Names one state of a live document: what entity tags over HTTP are made of.
public struct DocumentVersion: Hashable, Sendable {
  /// The document, see `Lineage.incarnation`.
  public var incarnation: Int64
  /// The newest entry of the log that is in it.
  public var sequence: Int64
  /// Of the content: a state that is made again from the log is compared with it.
  public var digest: UInt32
  /// The rows' revision that the document was last merged with, on which it depends what is unsaved; nil where that is not
  /// said.
  public var revision: Int64?

  public init(incarnation: Int64, sequence: Int64, content: WorkflowContent, revision: Int64? = nil) {
    self.incarnation = incarnation
    self.sequence = sequence
    digest = content.digest
    self.revision = revision
  }

  /// Whether both name the same content.
  public func isSameContent(as other: DocumentVersion) -> Bool {
    (incarnation, sequence, digest) == (other.incarnation, other.sequence, other.digest)
  }
}

extension DocumentVersion: LosslessStringConvertible {
  /// For example `3-120-9f86d081-17`.
  public var description: String {
    let digits = String(digest, radix: 16)
    let padded = String(repeating: "0", count: 8 - digits.count) + digits
    return "\(incarnation)-\(sequence)-\(padded)" + (revision.map { "-\($0)" } ?? "")
  }

  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard (3...4).contains(parts.count), let incarnation = Self.number(parts[0]), let sequence = Self.number(parts[1]),
      parts[2].utf8.count == 8, let digest = UInt32(parts[2], radix: 16)
    else { return nil }
    self.incarnation = incarnation
    self.sequence = sequence
    self.digest = digest
    guard parts.count == 4 else { return }
    guard let revision = Self.number(parts[3]) else { return nil }
    self.revision = revision
  }

  private static func number(_ digits: Substring) -> Int64? {
    digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(digits) : nil
  }
}

extension WorkflowContent {
  /// A checksum by FNV-1a.
  fileprivate var digest: UInt32 {
    json.serialized().reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}
