/// A whole update V1, decoded and validated: the first of the two phases of applying it.
///
/// The buffers are reused from update to update.
struct DecodedUpdate: ~Copyable {
  var structs = Slab<WireStruct>()
  var deletions = Slab<WireDeletion>()
  /// Groups come in strictly descending order of clients, as every writer emits them.
  var isOrdered = true
  /// The delete set has the form in which every writer emits it: clients descending, ranges ascending and apart.
  var hasCanonicalDeletions = true
  /// Bytes behind the update's end.
  var trailing = 0
  /// A Skip was met.
  var hasSkip = false

  /// Decodes `reader`'s bytes; on an error the buffers hold garbage that nobody reads.
  /// Skips say nothing to a document; who works on updates alone wants them kept.
  mutating func decode(
    _ reader: inout ByteReader, limits: DocLimits, keepingSkips: Bool = false
  ) throws(UpdateError) {
    begin()
    guard reader.count <= min(limits.updateBytes, 1 << 31) else { throw reader.error(.limit("updateBytes")) }
    try decodeGroups(&reader, limits, keepingSkips)
    try decodeDeletions(&reader, limits)
    finish(trailing: reader.remaining)
  }

  /// Makes the buffers ready for the next update.
  mutating func begin() {
    releaseIfLarge()
    isOrdered = true
    hasCanonicalDeletions = true
    hasSkip = false
  }

  /// Puts the structs of all groups in order.
  mutating func finish(trailing: Int) {
    self.trailing = trailing
    guard !isOrdered else { return }
    structs.sort { $0.client != $1.client ? $0.client > $1.client : $0.clock < $1.clock }
  }

  /// Gives back the memory that a large update needed.
  mutating func releaseIfLarge() {
    structs.removeAll(keepingCapacityUpTo: 4096)
    deletions.removeAll(keepingCapacityUpTo: 4096)
  }

  private mutating func decodeGroups(
    _ source: inout ByteReader, _ limits: DocLimits, _ keepsSkips: Bool
  ) throws(UpdateError) {
    // A copy that stays in registers.
    var reader = source
    let groups = try reader.elementCount()
    var previous = ClientID.max
    for _ in 0..<groups {
      let count = try reader.elementCount()
      guard structs.count + count <= limits.structsPerUpdate else { throw reader.error(.limit("structsPerUpdate")) }
      // Structs of states have some 24 bytes. Nobody is believed who announces many more.
      let expected = min(count, reader.remaining / 4)
      structs.reserve(structs.count == 0 ? max(expected, reader.remaining / 24) : expected)
      let start = reader.position
      let client = try reader.varUInt()
      let own = reader.spelled(client, from: start)
      var clock = try reader.varUInt()
      if client >= previous { isOrdered = false }
      previous = client
      for _ in 0..<count {
        let wire = structs.mutablePointer(structs.append(WireStruct(client: client, clock: clock, kind: .gc)))
        try wire.pointee.decode(&reader, own, depth: limits.valueDepth)
        let length = wire.pointee.length
        guard length > 0 else { throw reader.error(.emptyContent) }
        clock &+= length
        guard clock <= ByteReader.maxNumber else { throw reader.error(.numberTooLarge) }
        if wire.pointee.kind == .skip {
          hasSkip = true
          if !keepsSkips { structs.removeLast(1) }
        }
      }
    }
    source = reader
  }

  private mutating func decodeDeletions(_ reader: inout ByteReader, _ limits: DocLimits) throws(UpdateError) {
    var previous = ClientID.max
    for _ in 0..<(try reader.elementCount()) {
      let client = try reader.varUInt()
      var end: UInt64 = 0
      if client >= previous { hasCanonicalDeletions = false }
      previous = client
      let ranges = try reader.elementCount()
      guard structs.count + deletions.count + ranges <= limits.structsPerUpdate else {
        throw reader.error(.limit("structsPerUpdate"))
      }
      if ranges == 0 { hasCanonicalDeletions = false }
      for range in 0..<ranges {
        let clock = try reader.varUInt()
        let length = try reader.varUInt()
        guard clock + length <= ByteReader.maxNumber else { throw reader.error(.numberTooLarge) }
        if (range > 0 && clock <= end) || length == 0 { hasCanonicalDeletions = false }
        end = clock + length
        if length > 0 { deletions.append(WireDeletion(client: client, clock: clock, length: length)) }
      }
    }
  }
}

extension WireStruct {
  /// Decodes one struct from its info byte on. `own` is its client, `depth` bounds the nesting of values.
  @inline(__always)
  mutating func decode(_ reader: inout ByteReader, _ own: SpelledNumber, depth: Int) throws(UpdateError) {
    let info = try reader.byte()
    guard let kind = ContentKind(wire: info & 0x1F) else { throw reader.error(.unknownContent(info & 0x1F)) }
    self.kind = kind
    guard kind != .gc && kind != .skip else {
      length = try reader.varUInt()
      return
    }
    if info & 0xC0 == 0 {
      try outOfLine(&reader) { wire, reader throws(UpdateError) in try wire.decodeParent(info, &reader) }
    }
    if info & 0x80 != 0 {
      flags.insert(.hasOrigin)
      originClient = try reader.varUInt(likely: own)
      originClock = try reader.varUInt()
      guard refer(to: originClient, originClock) else { throw reader.error(.forwardReference) }
    }
    if info & 0x40 != 0 {
      flags.insert(.hasRightOrigin)
      rightClient = try reader.varUInt(likely: own)
      rightClock = try reader.varUInt()
      guard refer(to: rightClient, rightClock) else { throw reader.error(.forwardReference) }
    }
    if kind == .string {
      let text = try reader.string()
      setContent(at: text.offset, text.length, units: text.shape.utf16Count)
      if text.shape.isASCII { flags.insert(.isASCII) }
    } else if kind == .deleted {
      length = try reader.varUInt()
    } else {
      try outOfLine(&reader) { wire, reader throws(UpdateError) in try wire.decodeRareContent(&reader, depth) }
    }
  }

  /// Runs `body` with a copy of the reader, whose own address nobody gets to know.
  @inline(__always)
  private mutating func outOfLine(
    _ reader: inout ByteReader, _ body: (inout WireStruct, inout ByteReader) throws(UpdateError) -> Void
  ) throws(UpdateError) {
    var copy = reader
    try body(&self, &copy)
    reader = copy
  }

  @inline(never)
  private mutating func decodeParent(_ info: UInt8, _ reader: inout ByteReader) throws(UpdateError) {
    if try reader.varUInt() == 1 {
      let text = try reader.string()
      setName(UInt32(text.offset), UInt32(text.length))
    } else {
      flags.insert(.hasParentID)
      rightClient = try reader.varUInt()
      rightClock = try reader.varUInt()
      guard refer(to: rightClient, rightClock) else { throw reader.error(.forwardReference) }
    }
    if info & 0x20 != 0 {
      let text = try reader.string()
      setKey(UInt32(text.offset), UInt32(text.length))
    }
  }

  @inline(never)
  mutating func decodeRareContent(_ reader: inout ByteReader, _ depth: Int) throws(UpdateError) {
    length = 1
    reader.isCanonical = true
    var start = reader.position
    switch kind {
    case .any, .json:
      let count = try reader.elementCount()
      start = reader.position
      length = UInt64(count)
      for _ in 0..<count {
        if kind == .any { try reader.skipAny(depth: depth) } else { try reader.skipJSONText(depth: depth) }
      }
    case .binary: try reader.skip(try reader.byteLength())
    case .embed: try reader.skipJSONText(depth: depth)
    case .format:
      _ = try reader.string()
      try reader.skipJSONText(depth: depth)
    case .doc: try reader.skipSubdocument(depth: depth)
    case .type:
      let number = try reader.varUInt()
      guard number <= 6, let known = TypeKind(rawValue: UInt8(number)) else { throw reader.error(.unknownType(number)) }
      typeKind = known
      guard known.hasName else { return }
      let text = try reader.string()
      (content, contentLength) = (UInt32(text.offset), UInt32(text.length))
      return
    case .gc, .deleted, .skip, .string: preconditionFailure("decoded elsewhere")
    }
    (content, contentLength) = (UInt32(start), UInt32(reader.position - start))
    if !reader.isCanonical { flags.insert(.needsNormalizing) }
  }
}
