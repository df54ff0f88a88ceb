/// Reads an update V2, struct by struct, and writes it as V1 or decodes it.
struct UpdateV2Reader: ~Copyable {
  let limits: DocLimits
  let byteCount: Int
  var columns: Columns
  /// What lies behind the columns.
  var rest: ByteReader
  /// The keys read so far, each with its length in front.
  private var keys: [[UInt8]] = []
  var structsLeft: Int
  var writer: ByteWriter

  struct Columns {
    var keyClocks: DifferenceColumnReader
    var clients: UIntColumnReader
    var leftClocks: DifferenceColumnReader
    var rightClocks: DifferenceColumnReader
    var infos: ByteColumnReader
    var strings: StringColumnReader
    var parentInfos: ByteColumnReader
    var typeKinds: UIntColumnReader
    var lengths: UIntColumnReader

    init(_ reader: inout ByteReader) throws(UpdateError) {
      keyClocks = DifferenceColumnReader(try reader.prefixedBytes())
      clients = UIntColumnReader(try reader.prefixedBytes())
      leftClocks = DifferenceColumnReader(try reader.prefixedBytes())
      rightClocks = DifferenceColumnReader(try reader.prefixedBytes())
      infos = ByteColumnReader(try reader.prefixedBytes())
      strings = try StringColumnReader(try reader.prefixedBytes())
      parentInfos = ByteColumnReader(try reader.prefixedBytes())
      typeKinds = UIntColumnReader(try reader.prefixedBytes())
      lengths = UIntColumnReader(try reader.prefixedBytes())
    }
  }

  /// The update V1 that says the same as an update V2; whoever reads it validates it. The bytes must outlive the call.
  static func v1(_ update: UnsafeBufferPointer<UInt8>, limits: DocLimits) throws(UpdateError) -> [UInt8] {
    var reader = try UpdateV2Reader(update, limits, capacity: update.count * 2 + 64)
    try reader.copyGroups()
    try reader.copyDeletions()
    return reader.writer.bytes
  }

  init(_ update: UnsafeBufferPointer<UInt8>, _ limits: DocLimits, capacity: Int) throws(UpdateError) {
    var rest = ByteReader(update)
    guard update.count <= min(limits.updateBytes, 1 << 31) else { throw rest.error(.limit("updateBytes")) }
    // A number that means nothing yet.
    _ = try rest.varUInt()
    columns = try Columns(&rest)
    self.rest = rest
    self.limits = limits
    byteCount = rest.count
    structsLeft = limits.structs(inBytes: rest.count)
    writer = ByteWriter(capacity: capacity)
  }

  // MARK: - Structs

  private mutating func copyGroups() throws(UpdateError) {
    let groups = try rest.elementCount()
    writer.varUInt(groups)
    for _ in 0..<groups {
      let count = try rest.varUInt()
      guard count <= UInt64(structsLeft) else { throw rest.error(.limit("structsPerByte")) }
      structsLeft -= Int(count)
      writer.varUInt(count)
      writer.varUInt(try columns.clients.next())
      writer.varUInt(try rest.varUInt())
      for _ in 0..<count { try copyStruct() }
    }
  }

  private mutating func copyStruct() throws(UpdateError) {
    // Keys can be written many times though they are read once.
    guard writer.count <= limits.bytesAsV1(ofBytes: byteCount) else {
      throw rest.error(.limit("structsPerByte"))
    }
    let info = try columns.infos.next()
    writer.byte(info)
    switch ContentKind(wire: info & 0x1F) {
    case nil: throw rest.error(.unknownContent(info & 0x1F))
    case .gc: writer.varUInt(try columns.lengths.next())
    case .skip: writer.varUInt(try rest.varUInt())
    case let kind?:
      try copyAnchors(info)
      try copyContent(kind)
    }
  }

  private mutating func copyAnchors(_ info: UInt8) throws(UpdateError) {
    if info & 0x80 != 0 {
      writer.varUInt(try columns.clients.next())
      writer.varUInt(try columns.leftClocks.next())
    }
    if info & 0x40 != 0 {
      writer.varUInt(try columns.clients.next())
      writer.varUInt(try columns.rightClocks.next())
    }
    guard info & 0xC0 == 0 else { return }
    if try columns.parentInfos.next() == 1 {
      writer.byte(1)
      try columns.strings.copyNext(into: &writer)
    } else {
      writer.byte(0)
      writer.varUInt(try columns.clients.next())
      writer.varUInt(try columns.leftClocks.next())
    }
    if info & 0x20 != 0 { try columns.strings.copyNext(into: &writer) }
  }

  mutating func copyContent(_ kind: ContentKind) throws(UpdateError) {
    switch kind {
    case .string: try columns.strings.copyNext(into: &writer)
    case .deleted: writer.varUInt(try columns.lengths.next())
    case .any:
      let count = try elementCount()
      writer.varUInt(count)
      for _ in 0..<count { try copyAny() }
    case .json:
      let count = try columns.lengths.next()
      guard count <= UInt64(structsLeft) else { throw rest.error(.limit("structsPerByte")) }
      structsLeft -= Int(count)
      writer.varUInt(count)
      for _ in 0..<count { try columns.strings.copyNext(into: &writer) }
    case .binary:
      let length = try rest.byteLength()
      writer.prefixed(rest.slice(rest.position, length))
      rest.position += length
    case .embed: try copyAnyAsJSON()
    case .format:
      try copyKey()
      try copyAnyAsJSON()
    case .type:
      let number = try columns.typeKinds.next()
      guard number <= 6, let known = TypeKind(rawValue: UInt8(number)) else { throw rest.error(.unknownType(number)) }
      writer.varUInt(number)
      if known.hasName { try copyKey() }
    case .doc:
      try columns.strings.copyNext(into: &writer)
      try copyAny()
    case .gc, .skip: preconditionFailure("copied elsewhere")
    }
  }

  private mutating func elementCount() throws(UpdateError) -> UInt64 {
    let count = try columns.lengths.next()
    guard count <= UInt64(rest.remaining) else { throw rest.error(.truncated) }
    return count
  }

  private mutating func copyKey() throws(UpdateError) {
    let number = try columns.keyClocks.next()
    if number >= UInt64(keys.count) {
      var key = ByteWriter()
      try columns.strings.copyNext(into: &key)
      keys.append(key.bytes)
      writer.raw(keys[keys.count - 1])
    } else {
      writer.raw(keys[Int(number)])
    }
  }

  private mutating func copyAny() throws(UpdateError) {
    let start = rest.position
    try rest.skipAny(depth: limits.valueDepth)
    writer.raw(rest.slice(start, rest.position - start))
  }

  /// V1 has JSON text where V2 has a value.
  private mutating func copyAnyAsJSON() throws(UpdateError) {
    let value = try rest.anyValue(depth: limits.valueDepth)
    guard value != .undefined else { return writer.string("undefined") }
    var json = ByteWriter()
    value.writeJSON(&json)
    json.withBytes { writer.prefixed($0) }
  }

  // MARK: - Deletions

  private mutating func copyDeletions() throws(UpdateError) {
    let clients = try rest.elementCount()
    writer.varUInt(clients)
    for _ in 0..<clients {
      writer.varUInt(try rest.varUInt())
      let ranges = try rest.elementCount()
      writer.varUInt(ranges)
      var clock: UInt64 = 0
      for _ in 0..<ranges {
        clock += try rest.varUInt()
        let length = try rest.varUInt() + 1
        guard clock + length <= ByteReader.maxNumber else { throw rest.error(.numberTooLarge) }
        writer.varUInt(clock)
        writer.varUInt(length)
        clock += length
      }
    }
  }
}

extension ByteReader {
  /// Bytes with their length in front.
  fileprivate mutating func prefixedBytes() throws(UpdateError) -> UnsafeBufferPointer<UInt8> {
    let length = try byteLength()
    position += length
    return slice(position - length, length)
  }
}
