/// What a document accepts at most. An update or a local edit beyond a limit is rejected whole.
public struct DocLimits: Hashable, Sendable {
  /// Bytes of one update. Default 256 MiB; it can never exceed 2 GiB.
  public var updateBytes = 256 << 20
  /// Nesting of one `Any` or JSON value. Default 512.
  public var valueDepth = 512
  /// Bytes of updates that are kept until what they depend on arrives, with their bookkeeping. Default 64 MiB.
  public var pendingBytes = 64 << 20
  /// Bytes of content a document holds, deleted content included until it is collected. Default and maximum 1 GiB.
  public var contentBytes = 1 << 30
  /// Shared types nested deeper than this appear as null in `json`. Default 256.
  public var jsonDepth = 256

  /// The defaults.
  public init() {}
}
