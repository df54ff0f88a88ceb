/// Writing what is read from an update V1.
extension UpdateV2Columns {
  /// Copies one struct of a client; `own` is how the client's id is most likely spelled.
  @inline(__always)
  mutating func copyStruct(_ reader: inout ByteReader, _ own: SpelledNumber, depth: Int) throws(UpdateError) {
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
        var copy = reader
        try copyContent(kind, &copy, depth)
        reader = copy
      }
    }
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
    var copy = reader
    try copyParent(info, &copy)
    reader = copy
  }

  @inline(never) private mutating func copyParent(_ info: UInt8, _ reader: inout ByteReader) throws(UpdateError) {
    if try reader.varUInt() == 1 {
      parentInfos.write(1)
      try copyString(&reader)
    } else {
      parentInfos.write(0)
      clients.write(try reader.varUInt())
      leftClocks.write(try reader.varUInt())
    }
    if info & 0x20 != 0 { try copyString(&reader) }
  }

  // MARK: - Content

  @inline(never)
  private mutating func copyContent(_ kind: ContentKind, _ reader: inout ByteReader, _ depth: Int) throws(UpdateError) {
    switch kind {
    case .any:
      let count = try reader.elementCount()
      lengths.write(UInt64(count))
      for _ in 0..<count { try copyAny(&reader, depth) }
    case .json:
      let count = try reader.elementCount()
      lengths.write(UInt64(count))
      for _ in 0..<count { try copyString(&reader) }
    case .binary:
      let length = try reader.byteLength()
      rest.prefixed(reader.slice(reader.position, length))
      reader.position += length
    case .embed: try copyJSONAsAny(&reader, depth)
    case .format:
      try copyKey(&reader)
      try copyJSONAsAny(&reader, depth)
    case .type:
      let number = try reader.varUInt()
      guard number <= 6, let known = TypeKind(rawValue: UInt8(number)) else { throw reader.error(.unknownType(number)) }
      typeKinds.write(number)
      if known.hasName { try copyKey(&reader) }
    case .doc:
      try copyString(&reader)
      try copyAny(&reader, depth)
    case .gc, .skip, .deleted, .string: preconditionFailure("copied elsewhere")
    }
  }

  @inline(__always) private mutating func copyString(_ reader: inout ByteReader) throws(UpdateError) {
    let (offset, length, shape) = try reader.string()
    if reader.count &- offset >= 64 {
      strings.write(quickly: reader.pointer(offset), length, utf16Count: shape.utf16Count)
    } else {
      strings.write(reader.slice(offset, length), utf16Count: shape.utf16Count)
    }
  }

  private mutating func copyKey(_ reader: inout ByteReader) throws(UpdateError) {
    numberKey()
    try copyString(&reader)
  }

  private mutating func copyAny(_ reader: inout ByteReader, _ depth: Int) throws(UpdateError) {
    let start = reader.position
    reader.isCanonical = true
    try reader.skipAny(depth: depth)
    let bytes = reader.slice(start, reader.position - start)
    guard !reader.isCanonical else { return rest.raw(bytes) }
    var value = ByteReader(bytes)
    rest.any(try value.anyValue(depth: depth).normalized)
  }

  /// V2 has a value where V1 has JSON text.
  private mutating func copyJSONAsAny(_ reader: inout ByteReader, _ depth: Int) throws(UpdateError) {
    let (offset, length, _) = try reader.string()
    guard let value = JSONParser.parse(reader.slice(offset, length), depth: depth) else {
      throw reader.error(.invalidJSON)
    }
    rest.any(value.normalized)
  }
}
