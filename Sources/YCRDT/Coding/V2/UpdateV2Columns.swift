/// An update V2 under construction: its columns, and what stands behind them.
struct UpdateV2Columns: ~Copyable {
  var clients: UIntColumnWriter
  var leftClocks: DifferenceColumnWriter
  var rightClocks: DifferenceColumnWriter
  var infos: ByteColumnWriter
  var strings: StringColumnWriter
  var parentInfos = ByteColumnWriter()
  var typeKinds = UIntColumnWriter()
  var lengths: UIntColumnWriter
  var rest: ByteWriter
  var keyClocks = DifferenceColumnWriter()
  /// Keys are numbered, and every one is written anew: so does Yjs.
  private var keyCount: UInt64 = 0

  /// For an update that takes about so many bytes in V1.
  init(expecting length: Int) {
    let structs = length / 16
    clients = UIntColumnWriter(expecting: structs)
    leftClocks = DifferenceColumnWriter(expecting: structs)
    rightClocks = DifferenceColumnWriter(expecting: structs)
    infos = ByteColumnWriter(expecting: structs)
    strings = StringColumnWriter(expecting: structs, bytes: length * 5 / 8 + 64)
    lengths = UIntColumnWriter(expecting: structs)
    rest = ByteWriter(capacity: length / 8 + 64)
  }

  /// Writes a name in valid UTF-8: of a root, or a key of a map.
  mutating func write(name: UnsafeBufferPointer<UInt8>) {
    guard let start = name.baseAddress, let shape = UTF8Shape(scanning: start, name.count) else {
      return strings.write(name, utf16Count: 0)
    }
    strings.write(name, utf16Count: shape.utf16Count)
  }

  /// Writes a name of an XML element, which is numbered.
  mutating func write(key: UnsafeBufferPointer<UInt8>) {
    numberKey()
    write(name: key)
  }

  /// Writes the number of the key that follows.
  mutating func numberKey() {
    keyClocks.write(keyCount)
    keyCount += 1
  }

  consuming func finished() -> [UInt8] {
    var length = keyClocks.finish() + clients.finish() + leftClocks.finish() + rightClocks.finish() + infos.finish()
    length += strings.finish() + parentInfos.finish() + typeKinds.finish() + lengths.finish()
    // A byte in front, the lengths of nine columns, and what numbers reserve.
    return ByteWriter.array(expecting: length + rest.count + 64) { result in
      result.byte(0)
      keyClocks.copy(into: &result)
      clients.copy(into: &result)
      leftClocks.copy(into: &result)
      rightClocks.copy(into: &result)
      infos.copy(into: &result)
      strings.copy(into: &result)
      parentInfos.copy(into: &result)
      typeKinds.copy(into: &result)
      lengths.copy(into: &result)
      rest.withBytes { result.raw($0) }
    }
  }
}
