public import Workflow

/// A document and who wrote it, read in one transaction.
public struct StoredBlame: Sendable {
  /// What the document consists of.
  public let updates: [[UInt8]]
  public let authorship: Authorship
}

/// How much is kept of who wrote a document.
struct BlameLimits {
  let maximumStretches: Int
  let precision: Int64

  init(_ configuration: StoreConfiguration) {
    maximumStretches = max(1, configuration.maximumBlameRanges)
    precision = Int64(configuration.blamePrecision / .seconds(1))
  }
}
