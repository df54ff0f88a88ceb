/// Decoding V2 into the same structs as V1: the strings of all structs lie in one column of the update, to which the
/// structs refer.
extension UpdateV2Reader {
  /// Decodes and validates an update V2. On an error the buffers hold garbage that nobody reads.
  ///
  /// Returns the little that V2 spells otherwise than V1, in V1's form: names and contents with offsets from the update's
  /// length on are in it. The bytes must outlive the structs.
  static func decode(
    _ update: UnsafeBufferPointer<UInt8>, into decoded: inout DecodedUpdate, limits: DocLimits
  ) throws(UpdateError) -> [UInt8] {
    var reader = try UpdateV2Reader(update, limits, capacity: 32)
    decoded.begin()
    try reader.decodeGroups(into: &decoded, update.baseAddress)
    try reader.decodeDeletions(into: &decoded)
    decoded.finish(trailing: reader.rest.remaining)
    return reader.writer.bytes
  }

  private mutating func decodeGroups(
    into decoded: inout DecodedUpdate, _ base: UnsafePointer<UInt8>?
  ) throws(UpdateError) {
    let groups = try rest.elementCount()
    var previous = ClientID.max
    for _ in 0..<groups {
      let count = try rest.varUInt()
      guard count <= UInt64(structsLeft) else { throw rest.error(.limit("structsPerByte")) }
      structsLeft -= Int(count)
      guard decoded.structs.count + Int(count) <= limits.structsPerUpdate else {
        throw rest.error(.limit("structsPerUpdate"))
      }
      // Nobody is believed who announces many more than usual.
      decoded.structs.reserve(min(Int(count), byteCount / 8))
      let client = try columns.clients.next()
      var clock = try rest.varUInt()
      if client >= previous { decoded.isOrdered = false }
      previous = client
      for _ in 0..<count {
        let wire = decoded.structs.mutablePointer(
          decoded.structs.append(WireStruct(client: client, clock: clock, kind: .gc)))
        try decodeStruct(&wire.pointee, base)
        let length = wire.pointee.length
        guard length > 0 else { throw rest.error(.emptyContent) }
        clock += length
        guard clock <= ByteReader.maxNumber else { throw rest.error(.numberTooLarge) }
        if wire.pointee.kind == .skip {
          decoded.hasSkip = true
          decoded.structs.removeLast(1)
        }
      }
    }
  }

  private mutating func decodeStruct(
    _ wire: inout WireStruct, _ base: UnsafePointer<UInt8>?
  ) throws(UpdateError) {
    let info = try columns.infos.next()
    guard let kind = ContentKind(wire: info & 0x1F) else { throw rest.error(.unknownContent(info & 0x1F)) }
    wire.kind = kind
    if kind == .gc || kind == .skip {
      wire.length = kind == .gc ? try columns.lengths.next() : try rest.varUInt()
      return
    }
    if info & 0x80 != 0 {
      wire.flags.insert(.hasOrigin)
      wire.originClient = try columns.clients.next()
      wire.originClock = try columns.leftClocks.next()
      guard wire.refer(to: wire.originClient, wire.originClock) else { throw rest.error(.forwardReference) }
    }
    if info & 0x40 != 0 {
      wire.flags.insert(.hasRightOrigin)
      wire.rightClient = try columns.clients.next()
      wire.rightClock = try columns.rightClocks.next()
      guard wire.refer(to: wire.rightClient, wire.rightClock) else { throw rest.error(.forwardReference) }
    }
    if info & 0xC0 == 0 { try decodeParent(info, &wire, base) }
    if kind == .string {
      let piece = try columns.strings.next()
      wire.setContent(at: Int(offset(of: piece, base)), piece.length, units: piece.utf16Count)
      if piece.isASCII { wire.flags.insert(.isASCII) }
    } else if kind == .deleted {
      wire.length = try columns.lengths.next()
    } else {
      try decodeOtherContent(&wire)
    }
  }

  @inline(never)
  private mutating func decodeParent(
    _ info: UInt8, _ wire: inout WireStruct, _ base: UnsafePointer<UInt8>?
  ) throws(UpdateError) {
    if try columns.parentInfos.next() == 1 {
      let name = try columns.strings.next()
      wire.setName(offset(of: name, base), UInt32(name.length))
    } else {
      wire.flags.insert(.hasParentID)
      wire.rightClient = try columns.clients.next()
      wire.rightClock = try columns.leftClocks.next()
      guard wire.refer(to: wire.rightClient, wire.rightClock) else { throw rest.error(.forwardReference) }
    }
    if info & 0x20 != 0 {
      let key = try columns.strings.next()
      wire.setKey(offset(of: key, base), UInt32(key.length))
    }
  }

  /// Where a string is: in the update, or behind it.
  private mutating func offset(of piece: StringColumnReader.Piece, _ base: UnsafePointer<UInt8>?) -> UInt32 {
    if let start = piece.start, let base { return UInt32(start - base) }
    defer { writer.raw(piece.bytes) }
    return UInt32(byteCount + writer.count)
  }

  @inline(never)
  private mutating func decodeOtherContent(_ wire: inout WireStruct) throws(UpdateError) {
    switch wire.kind {
    case .any: try decodeValues(&wire)
    case .type: try decodeType(&wire)
    default: try decodeRareContent(&wire)
    }
  }

  private mutating func decodeValues(_ wire: inout WireStruct) throws(UpdateError) {
    let count = try columns.lengths.next()
    guard count <= UInt64(rest.remaining) else { throw rest.error(.truncated) }
    let start = rest.position
    rest.isCanonical = true
    for _ in 0..<count { try rest.skipAny(depth: limits.valueDepth) }
    wire.length = count
    (wire.content, wire.contentLength) = (UInt32(start), UInt32(rest.position - start))
    if !rest.isCanonical { wire.flags.insert(.needsNormalizing) }
  }

  private mutating func decodeType(_ wire: inout WireStruct) throws(UpdateError) {
    let number = try columns.typeKinds.peek()
    guard let kind = TypeKind(rawValue: UInt8(truncatingIfNeeded: number)), number <= 6, !kind.hasName else {
      return try decodeRareContent(&wire)
    }
    _ = try columns.typeKinds.next()
    wire.typeKind = kind
    wire.length = 1
  }

  /// What V1 spells in another way is spelled so, behind the update, and decoded from there.
  private mutating func decodeRareContent(_ wire: inout WireStruct) throws(UpdateError) {
    let start = writer.count
    try copyContent(wire.kind)
    guard writer.count <= limits.bytesAsV1(ofBytes: byteCount) else {
      throw rest.error(.limit("structsPerByte"))
    }
    var copy = wire
    let (depth, position) = (limits.valueDepth, rest.position)
    let refusal = writer.withBytes { bytes -> UpdateError? in
      var reader = ByteReader(bytes)
      reader.position = start
      do throws(UpdateError) { try copy.decodeRareContent(&reader, depth) } catch {
        return UpdateError(error.reason, at: position)
      }
      return nil
    }
    if let refusal { throw refusal }
    wire = copy
    if !wire.kind.isBare { wire.content += UInt32(byteCount) }
  }

  private mutating func decodeDeletions(into decoded: inout DecodedUpdate) throws(UpdateError) {
    var previous = ClientID.max
    for _ in 0..<(try rest.elementCount()) {
      let client = try rest.varUInt()
      if client >= previous { decoded.hasCanonicalDeletions = false }
      previous = client
      let ranges = try rest.elementCount()
      if ranges == 0 { decoded.hasCanonicalDeletions = false }
      guard decoded.structs.count + decoded.deletions.count + ranges <= limits.structsPerUpdate else {
        throw rest.error(.limit("structsPerUpdate"))
      }
      var clock: UInt64 = 0
      for range in 0..<ranges {
        let distance = try rest.varUInt()
        if range > 0 && distance == 0 { decoded.hasCanonicalDeletions = false }
        clock += distance
        let length = try rest.varUInt() + 1
        guard clock + length <= ByteReader.maxNumber else { throw rest.error(.numberTooLarge) }
        decoded.deletions.append(WireDeletion(client: client, clock: clock, length: length))
        clock += length
      }
    }
  }
}
