/// The kinds of shared types. The raw values are those of update format V1; `untyped` is a root nobody declared.
enum TypeKind: UInt8 {
  case array = 0
  case map = 1
  case text = 2
  case xmlElement = 3
  case xmlFragment = 4
  case xmlHook = 5
  case xmlText = 6
  case untyped = 255

  /// Whether the wire carries a name after the kind.
  @inline(__always) var hasName: Bool { self == .xmlElement || self == .xmlHook }
}

/// One shared type: a list of items and a set of map entries, whatever its kind.
struct TypeRecord: BitwiseCopyable {
  /// The item that holds the type; `.none` for a root, and for a type whose content was collected.
  var item: ItemIndex
  /// First and last item of the list part, deleted ones included.
  var first: ItemIndex = .none
  var last: ItemIndex = .none
  var firstEntry: UInt32 = .none
  var lastEntry: UInt32 = .none
  /// Name of a root, of an XML element or hook.
  var name: KeyIndex
  /// Number of live countable units in the list part.
  var length: UInt64 = 0
  /// The transaction that last changed the type, to note it only once.
  var changedIn: UInt32 = 0
  /// Where `Store.listIndexes` has the list's index; `.none` if it has none.
  var listIndex = UInt32.none
  var kind: TypeKind
  var isRoot: Bool
  /// The holding item's content was collected: the type is gone for good.
  var isCollected = false
  /// A format marker was once put into the list.
  var hasFormatting = false
}

/// One key of one type: the chain of all its values, the rightmost of which counts.
struct MapEntry: BitwiseCopyable {
  var type: TypeIndex
  var key: KeyIndex
  /// Leftmost and rightmost item of the chain; `.none` after the type was collected.
  var first: ItemIndex
  var last: ItemIndex
  /// The next entry of the same type, in order of creation.
  var next: UInt32
}

/// The entries of all types, found by (type, key) in one table.
struct MapEntryTable: ~Copyable {
  var entries: Slab<MapEntry>
  private var index: HashIndex

  init() {
    entries = Slab()
    index = HashIndex()
  }

  init(copying other: borrowing MapEntryTable) {
    entries = Slab(copying: other.entries)
    index = HashIndex(copying: other.index)
  }

  @inline(__always) private static func hash(_ type: TypeIndex, _ key: KeyIndex) -> UInt32 {
    Hashing.hash(UInt64(type) << 32 | UInt64(key))
  }

  @inline(__always) func find(_ type: TypeIndex, _ key: KeyIndex) -> UInt32 {
    index.find(Self.hash(type, key)) { entries[$0].type == type && entries[$0].key == key }
  }

  mutating func insert(_ type: TypeIndex, _ key: KeyIndex) -> UInt32 {
    let new = entries.append(MapEntry(type: type, key: key, first: .none, last: .none, next: .none))
    index.insert(new, hash: Self.hash(type, key)) { Self.hash(entries[$0].type, entries[$0].key) }
    return new
  }
}
