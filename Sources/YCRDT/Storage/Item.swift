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

  /// Whether two neighbours of this kind can become one.
  @inline(__always) var isMergeable: Bool {
    switch self {
    case .gc, .deleted, .json, .string, .any: true
    case .binary, .embed, .format, .type, .doc, .skip: false
    }
  }
}

/// One run of consecutive clocks of one client: 72 bytes, no references.
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
  }

  var clock: UInt64
  var length: UInt64
  var originClock: UInt64 = 0
  var rightClock: UInt64 = 0
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
  var kind: ContentKind
  var flags: Flags = []

  @inline(__always) var end: UInt64 { clock &+ length }
  @inline(__always) var isDeleted: Bool { flags.contains(.deleted) }
  @inline(__always) var isGC: Bool { kind == .gc }
  @inline(__always) var isLiveAndCountable: Bool { !isDeleted && kind.isCountable }
  @inline(__always) var hasOrigin: Bool { originClient != .none }
  @inline(__always) var hasRightOrigin: Bool { rightClient != .none }
  /// Whether the item owns bytes of the arena.
  @inline(__always) var hasBytes: Bool { byteCount > 0 }
}
