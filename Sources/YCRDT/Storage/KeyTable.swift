/// Interned strings: map keys, root names, element names. Equal strings have equal indexes.
struct KeyTable: ~Copyable {
  struct Key: BitwiseCopyable {
    var offset: UInt32
    var length: UInt32
    var hash: UInt32
  }

  private var keys: Slab<Key>
  private var bytes: ByteArena
  private var index: HashIndex

  init() {
    keys = Slab()
    bytes = ByteArena()
    index = HashIndex()
  }

  init(copying other: borrowing KeyTable) {
    keys = Slab(copying: other.keys)
    bytes = ByteArena(copying: other.bytes)
    index = HashIndex(copying: other.index)
  }

  var count: Int { keys.count }
  /// Bytes of all strings.
  var byteCount: Int { bytes.count }

  /// The index of a string, `.none` if it was never interned.
  func find(_ string: UnsafeBufferPointer<UInt8>) -> KeyIndex {
    find(string, hash: Hashing.hash(string))
  }

  private func find(_ string: UnsafeBufferPointer<UInt8>, hash: UInt32) -> KeyIndex {
    index.find(hash) { candidate in
      let key = keys[candidate]
      guard key.hash == hash, Int(key.length) == string.count else { return false }
      return bytes.bytes(key.offset, key.length).elementsEqual(string)
    }
  }

  mutating func intern(_ string: UnsafeBufferPointer<UInt8>) -> KeyIndex {
    let hash = Hashing.hash(string)
    let found = find(string, hash: hash)
    if found != .none { return found }
    let offset = string.baseAddress.map { bytes.append($0, string.count) } ?? UInt32(bytes.count)
    let new = keys.append(Key(offset: offset, length: UInt32(string.count), hash: hash))
    index.insert(new, hash: hash) { keys[$0].hash }
    return new
  }

  mutating func intern(_ string: String) -> KeyIndex {
    var string = string
    return string.withUTF8 { intern($0) }
  }

  func find(_ string: String) -> KeyIndex {
    var string = string
    return string.withUTF8 { find($0) }
  }

  func utf8(_ key: KeyIndex) -> UnsafeBufferPointer<UInt8> {
    bytes.bytes(keys[key].offset, keys[key].length)
  }

  func string(_ key: KeyIndex) -> String {
    String(decoding: utf8(key), as: UTF8.self)
  }
}
