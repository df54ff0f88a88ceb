/// One struct of an update as decoded, before it becomes an item: names and contents are ranges of the source bytes.
struct WireStruct: BitwiseCopyable {
  struct Flags: OptionSet, BitwiseCopyable {
    var rawValue: UInt8
    static let hasOrigin = Flags(rawValue: 1)
    static let hasRightOrigin = Flags(rawValue: 2)
    static let hasParentName = Flags(rawValue: 4)
    static let hasParentID = Flags(rawValue: 8)
    static let hasKey = Flags(rawValue: 16)
    static let isASCII = Flags(rawValue: 32)
    /// The content may be spelled otherwise than Yjs would spell it.
    static let needsNormalizing = Flags(rawValue: 64)
  }

  var client: ClientID
  var clock: UInt64
  var length: UInt64 = 0
  var originClient: ClientID = 0
  var originClock: UInt64 = 0
  /// The right origin, or (never both) the parent's id.
  var rightClient: ClientID = 0
  var rightClock: UInt64 = 0
  var name: UInt32 = 0
  var nameLength: UInt32 = 0
  var key: UInt32 = 0
  var keyLength: UInt32 = 0
  var content: UInt32 = 0
  var contentLength: UInt32 = 0
  var kind: ContentKind
  var typeKind: TypeKind = .untyped
  var flags: Flags = []

  @inline(__always) var end: UInt64 { clock &+ length }
}

/// A range of deleted clocks in an update.
struct WireDeletion: BitwiseCopyable {
  var client: ClientID
  var clock: UInt64
  var length: UInt64
}
