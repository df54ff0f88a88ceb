/// One struct of an update as decoded, before it becomes an item: names and contents are ranges of the source bytes.
/// 64 bytes.
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
    /// The origin, the right origin or the parent is of another client.
    static let needsOthers = Flags(rawValue: 128)
  }

  var client: ClientID
  var clock: UInt64
  /// The origin; without one, where the parent's name and the key are (see `name` and `key`).
  var originClient: ClientID = 0
  var originClock: UInt64 = 0
  /// The right origin, or (never both) the parent's id.
  var rightClient: ClientID = 0
  var rightClock: UInt64 = 0
  /// Where the content is; of what has none but a length, the length.
  var content: UInt32 = 0
  var contentLength: UInt32 = 0
  private var shortLength: UInt32 = 0
  var kind: ContentKind
  var typeKind: TypeKind = .untyped
  var flags: Flags = []
  /// Makes the size that of a cache line, so that copies are whole words.
  private var padding: UInt8 = 0

  init(client: ClientID, clock: UInt64, kind: ContentKind) {
    self.client = client
    self.clock = clock
    self.kind = kind
  }

  /// Number of units. Units with content take at least a byte each, so that only others can be more than 2^32.
  @inline(__always) var length: UInt64 {
    get { kind.isBare ? UInt64(content) | UInt64(contentLength) << 32 : UInt64(shortLength) }
    set {
      if kind.isBare {
        content = UInt32(truncatingIfNeeded: newValue)
        contentLength = UInt32(truncatingIfNeeded: newValue >> 32)
      } else {
        shortLength = UInt32(newValue)
      }
    }
  }

  /// Sets the content, of at least one byte for each of its units, where in the source bytes it is.
  @inline(__always) mutating func setContent(at offset: Int, _ byteCount: Int, units: Int) {
    assert(!kind.isBare && units <= byteCount && offset + byteCount < 1 << 32)
    content = UInt32(truncatingIfNeeded: offset)
    contentLength = UInt32(truncatingIfNeeded: byteCount)
    shortLength = UInt32(truncatingIfNeeded: units)
  }

  @inline(__always) var end: UInt64 { clock &+ length }

  /// Notes an id that the struct refers to. False if it cannot be there before the struct: if it is the same client's, from
  /// the struct's own clock on.
  @inline(__always) mutating func refer(to other: ClientID, _ otherClock: UInt64) -> Bool {
    if other == client { return otherClock < clock }
    flags.insert(.needsOthers)
    return true
  }

  /// Where the parent's name is, with `hasParentName`.
  var name: UInt32 { UInt32(truncatingIfNeeded: originClient) }
  var nameLength: UInt32 { UInt32(truncatingIfNeeded: originClient >> 32) }
  /// Where the key is, with `hasKey`.
  var key: UInt32 { UInt32(truncatingIfNeeded: originClock) }
  var keyLength: UInt32 { UInt32(truncatingIfNeeded: originClock >> 32) }

  /// Gives a struct without origin the name of its parent.
  mutating func setName(_ offset: UInt32, _ length: UInt32) {
    flags.insert(.hasParentName)
    originClient = UInt64(offset) | UInt64(length) << 32
  }

  /// Gives a struct without origin its key.
  mutating func setKey(_ offset: UInt32, _ length: UInt32) {
    flags.insert(.hasKey)
    originClock = UInt64(offset) | UInt64(length) << 32
  }
}

/// A range of deleted clocks in an update.
struct WireDeletion: BitwiseCopyable {
  var client: ClientID
  var clock: UInt64
  var length: UInt64
}
