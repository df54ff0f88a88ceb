/// The index of an item record; `.none` stands for "no item".
typealias ItemIndex = UInt32
/// The dense index of a client in the document's client table; `.none` stands for "no client".
typealias ClientIndex = UInt32
/// The index of a shared type; `.none` stands for "no type".
typealias TypeIndex = UInt32
/// The index of an interned string; `.none` stands for "no key".
typealias KeyIndex = UInt32

extension UInt32 {
  /// The absent index.
  @inline(__always) static var none: UInt32 { .max }
}

/// What an item record holds. The raw values are the content numbers of update format V1.
enum ContentKind: UInt8 {
  case gc = 0
  case deleted = 1
  case json = 2
  case binary = 3
  case string = 4
  case embed = 5
  case format = 6
  case type = 7
  case any = 8
  case doc = 9
  case skip = 10

  /// Whether the content counts towards the length of its parent while it is not deleted.
  @inline(__always) var isCountable: Bool {
    switch self {
    case .gc, .deleted, .format, .skip: false
    case .json, .binary, .string, .embed, .type, .any, .doc: true
    }
  }

  /// Whether nothing but a number of units is on the wire.
  @inline(__always) var isBare: Bool { self == .deleted || self == .gc || self == .skip }

  /// The kind of a number on the wire.
  @inline(__always) init?(wire number: UInt8) {
    guard number <= ContentKind.skip.rawValue else { return nil }
    // The raw values are 0 to 10 without a gap.
    self = unsafeBitCast(number, to: ContentKind.self)
  }

  /// Whether two neighbours of this kind can become one.
  @inline(__always) var isMergeable: Bool {
    switch self {
    case .gc, .deleted, .json, .string, .any: true
    case .binary, .embed, .format, .type, .doc, .skip: false
    }
  }
}

/// One run of consecutive clocks of one client: 64 bytes, a cache line, no references.
///
/// Clocks have 53 bits; the upper bytes of two of them hold the kind and the flags.
struct Item: BitwiseCopyable {
  struct Flags: OptionSet, BitwiseCopyable {
    var rawValue: UInt8
    static let deleted = Flags(rawValue: 1)
    /// The text content is ASCII, so that UTF-16 offsets are byte offsets.
    static let ascii = Flags(rawValue: 2)
    /// The content's bytes may grow in place up to the next power of two.
    static let roomy = Flags(rawValue: 4)
    /// The record is on the free list.
    static let free = Flags(rawValue: 8)
    /// The length has more than 32 bits. That can only be of a run without content, so `content` holds the upper ones.
    static let wide = Flags(rawValue: 16)
    /// A chunk of its list's index begins with the item.
    static let marked = Flags(rawValue: 128)
    /// Deleted content that an undo manager may want back, or what holds such: not to be collected.
    static let kept = Flags(rawValue: 32)
    /// An undo manager wrote the item anew, as `Store.redone` says. It is not joined with others.
    static let redone = Flags(rawValue: 64)
  }

  var clock: UInt64
  private var originAndKind: UInt64
  private var rightAndFlags: UInt64 = 0
  var client: ClientIndex
  var originClient: ClientIndex = .none
  var rightClient: ClientIndex = .none
  var left: ItemIndex = .none
  var right: ItemIndex = .none
  var parent: TypeIndex = .none
  var key: KeyIndex = .none
  /// Where the content's wire bytes start in the byte arena; for a type its type index.
  var content: UInt32 = 0
  var byteCount: UInt32 = 0
  private var lowerLength: UInt32 = 0

  init(clock: UInt64, length: UInt64, client: ClientIndex, kind: ContentKind) {
    self.clock = clock
    originAndKind = UInt64(kind.rawValue) << Self.upperByte
    self.client = client
    self.length = length
  }

  private static let upperByte: UInt64 = 56
  private static let lowerBytes: UInt64 = 1 << upperByte - 1

  @inline(__always) var originClock: UInt64 {
    get { originAndKind & Self.lowerBytes }
    set { originAndKind = originAndKind & ~Self.lowerBytes | newValue }
  }

  @inline(__always) var rightClock: UInt64 {
    get { rightAndFlags & Self.lowerBytes }
    set { rightAndFlags = rightAndFlags & ~Self.lowerBytes | newValue }
  }

  @inline(__always) var kind: ContentKind {
    // Only raw values of kinds are ever stored.
    get { unsafeBitCast(UInt8(truncatingIfNeeded: originAndKind &>> Self.upperByte), to: ContentKind.self) }
    set { originAndKind = originAndKind & Self.lowerBytes | UInt64(newValue.rawValue) &<< Self.upperByte }
  }

  @inline(__always) var flags: Flags {
    get { Flags(rawValue: UInt8(truncatingIfNeeded: rightAndFlags &>> Self.upperByte)) }
    set { rightAndFlags = rightAndFlags & Self.lowerBytes | UInt64(newValue.rawValue) &<< Self.upperByte }
  }

  @inline(__always) var length: UInt64 {
    get { UInt64(lowerLength) | (flags.contains(.wide) ? UInt64(content) &<< 32 : 0) }
    set {
      lowerLength = UInt32(truncatingIfNeeded: newValue)
      if newValue &>> 32 > 0 {
        assert(kind.isBare, "content of more than 2^32 units")
        flags.insert(.wide)
        content = UInt32(truncatingIfNeeded: newValue &>> 32)
      } else if flags.contains(.wide) {
        flags.remove(.wide)
      }
    }
  }

  @inline(__always) var end: UInt64 { clock &+ length }
  @inline(__always) var isDeleted: Bool { flags.contains(.deleted) }
  @inline(__always) var isGC: Bool { kind == .gc }
  @inline(__always) var isLiveAndCountable: Bool { !isDeleted && kind.isCountable }
  @inline(__always) var hasOrigin: Bool { originClient != .none }
  @inline(__always) var hasRightOrigin: Bool { rightClient != .none }
  /// Whether the item owns bytes of the arena.
  @inline(__always) var hasBytes: Bool { byteCount > 0 }
}
