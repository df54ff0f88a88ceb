/// Reads an update V1 and writes it as V2, struct by struct, byte for byte as Yjs does.
struct UpdateV2Writer: ~Copyable {
  private var keyClocks = DifferenceColumnWriter()
  private var clients = UIntColumnWriter()
  private var leftClocks = DifferenceColumnWriter()
  private var rightClocks = DifferenceColumnWriter()
  private var infos = ByteColumnWriter()
  private var strings: StringColumnWriter
  private var parentInfos = ByteColumnWriter()
  private var typeKinds = UIntColumnWriter()
  private var lengths = UIntColumnWriter()
  private var rest: ByteWriter
  private var reader: ByteReader
  /// Keys are numbered, and every one is written anew: so does Yjs.
  private var keyCount: UInt64 = 0
  private let depth: Int

  /// The update V2 that says the same as an update V1. The bytes must outlive the call.
  static func v2(_ update: UnsafeBufferPointer<UInt8>, limits: DocLimits) throws(UpdateError) -> [UInt8] {
    var writer = UpdateV2Writer(update, limits)
    try writer.copyGroups()
    try writer.copyDeletions()
    return writer.finished()
  }

  private init(_ update: UnsafeBufferPointer<UInt8>, _ limits: DocLimits) {
    reader = ByteReader(update)
    rest = ByteWriter(capacity: update.count / 4 + 64)
    strings = StringColumnWriter(capacity: update.count / 2 + 64)
    depth = limits.valueDepth
  }

  private consuming func finished() -> [UInt8] {
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

  // MARK: - Structs

  private mutating func copyGroups() throws(UpdateError) {
    let groups = try reader.elementCount()
    rest.varUInt(groups)
    for _ in 0..<groups {
      let count = try reader.elementCount()
      rest.varUInt(count)
      let start = reader.position
      let client = try reader.varUInt()
      let own = reader.spelled(client, from: start)
      clients.write(client)
      rest.varUInt(try reader.varUInt())
      try copyStructs(count, own)
    }
  }

  private mutating func copyStructs(_ count: Int, _ own: SpelledNumber) throws(UpdateError) {
    // A copy that stays in registers.
    var reader = self.reader
    for _ in 0..<count {
      let info = try reader.byte()
      infos.write(info)
      guard let kind = ContentKind(wire: info & 0x1F) else { throw reader.error(.unknownContent(info & 0x1F)) }
      switch kind {
      case .gc: lengths.write(try reader.varUInt())
      case .skip: rest.varUInt(try reader.varUInt())
      default:
        try copyAnchors(info, own, &reader)
        if kind == .string {
          try copyString(&reader)
        } else if kind == .deleted {
          lengths.write(try reader.varUInt())
        } else {
          self.reader = reader
          try copyContent(kind)
          reader = self.reader
        }
      }
    }
    self.reader = reader
  }

  @inline(__always)
  private mutating func copyAnchors(
    _ info: UInt8, _ own: SpelledNumber, _ reader: inout ByteReader
  ) throws(UpdateError) {
    if info & 0x80 != 0 {
      clients.write(try reader.varUInt(likely: own))
      leftClocks.write(try reader.varUInt())
    }
    if info & 0x40 != 0 {
      clients.write(try reader.varUInt(likely: own))
      rightClocks.write(try reader.varUInt())
    }
    guard info & 0xC0 == 0 else { return }
    self.reader = reader
    try copyParent(info)
    reader = self.reader
  }

  @inline(never) private mutating func copyParent(_ info: UInt8) throws(UpdateError) {
    if try reader.varUInt() == 1 {
      parentInfos.write(1)
      try copyString()
    } else {
      parentInfos.write(0)
      clients.write(try reader.varUInt())
      leftClocks.write(try reader.varUInt())
    }
    if info & 0x20 != 0 { try copyString() }
  }

  @inline(never) private mutating func copyContent(_ kind: ContentKind) throws(UpdateError) {
    switch kind {
    case .any:
      let count = try reader.elementCount()
      lengths.write(UInt64(count))
      for _ in 0..<count { try copyAny() }
    case .json:
      let count = try reader.elementCount()
      lengths.write(UInt64(count))
      for _ in 0..<count { try copyString() }
    case .binary:
      let length = try reader.byteLength()
      rest.prefixed(reader.slice(reader.position, length))
      reader.position += length
    case .embed: try copyJSONAsAny()
    case .format:
      try copyKey()
      try copyJSONAsAny()
    case .type:
      let number = try reader.varUInt()
      guard number <= 6, let known = TypeKind(rawValue: UInt8(number)) else { throw reader.error(.unknownType(number)) }
      typeKinds.write(number)
      if known.hasName { try copyKey() }
    case .doc:
      try copyString()
      try copyAny()
    case .gc, .skip, .string, .deleted: preconditionFailure("copied elsewhere")
    }
  }

  private mutating func copyString() throws(UpdateError) {
    var copy = reader
    try copyString(&copy)
    reader = copy
  }

  @inline(__always) private mutating func copyString(_ reader: inout ByteReader) throws(UpdateError) {
    let (offset, length, shape) = try reader.string()
    if reader.count &- offset >= 64 {
      strings.write(quickly: reader.pointer(offset), length, utf16Count: shape.utf16Count)
    } else {
      strings.write(reader.slice(offset, length), utf16Count: shape.utf16Count)
    }
  }

  private mutating func copyKey() throws(UpdateError) {
    keyClocks.write(keyCount)
    keyCount += 1
    try copyString()
  }

  private mutating func copyAny() throws(UpdateError) {
    let start = reader.position
    reader.isCanonical = true
    try reader.skipAny(depth: depth)
    let bytes = reader.slice(start, reader.position - start)
    guard !reader.isCanonical else { return rest.raw(bytes) }
    var value = ByteReader(bytes)
    rest.any(try value.anyValue(depth: depth).normalized)
  }

  /// V2 has a value where V1 has JSON text.
  private mutating func copyJSONAsAny() throws(UpdateError) {
    let (offset, length, _) = try reader.string()
    guard let value = JSONParser.parse(reader.slice(offset, length), depth: depth) else {
      throw reader.error(.invalidJSON)
    }
    rest.any(value.normalized)
  }

  // MARK: - Deletions

  private mutating func copyDeletions() throws(UpdateError) {
    let deletions = try IdSet(from: &reader, format: .v1)
    deletions.write(to: &rest, format: .v2)
  }
}
