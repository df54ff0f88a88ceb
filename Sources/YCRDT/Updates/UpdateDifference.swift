/// The difference between an update V1 and a state, in one pass over the bytes: what is known already is measured and
/// left out, and what is not is copied as it stands wherever it is spelled as Yjs would spell it.
struct UpdateDifference: ~Copyable {
  private var reader: ByteReader
  private let source: UnsafePointer<UInt8>
  private let known: StateVector
  private let depth: Int
  private var groups: [Group] = []
  /// The structs of all groups.
  private var structs: ByteWriter

  /// What stands before the structs of a client, and where they end.
  private struct Group {
    let client: ClientID
    var clock: UInt64 = 0
    var count = 0
    var end = 0
  }

  /// The difference as Yjs' `diffUpdate` writes it; nil if the clients do not come in the usual order, so that several
  /// groups may be of one client. The bytes must outlive the call.
  static func write(
    _ update: UnsafeBufferPointer<UInt8>, since known: StateVector, limits: DocLimits
  ) throws(UpdateError) -> [UInt8]? {
    var difference = UpdateDifference(update, known, limits)
    guard update.count <= min(limits.updateBytes, 1 << 30) else {
      throw difference.reader.error(.limit("updateBytes"))
    }
    guard try difference.copyGroups() else { return nil }
    return try difference.finished()
  }

  private init(_ update: UnsafeBufferPointer<UInt8>, _ known: StateVector, _ limits: DocLimits) {
    reader = ByteReader(update)
    source = reader.pointer(0)
    self.known = known
    depth = limits.valueDepth
    // Most of it costs nothing if it is not needed.
    structs = ByteWriter(capacity: update.count + 64)
  }

  private mutating func copyGroups() throws(UpdateError) -> Bool {
    var previous = ClientID.max
    for _ in 0..<(try reader.elementCount()) {
      let count = try reader.elementCount()
      let start = reader.position
      let client = try reader.varUInt()
      guard client < previous else { return false }
      previous = client
      try copyGroup(of: reader.spelled(client, from: start), count)
    }
    return true
  }

  private mutating func copyGroup(of own: SpelledNumber, _ count: Int) throws(UpdateError) {
    var group = Group(client: own.value)
    let end = known[own.value]
    var clock = try reader.varUInt()
    var left = count
    while left > 0 {
      let (start, first) = (reader.position, clock)
      let skipped = reader.skipUsualStructs(own, &clock, to: first < end ? end : ByteReader.maxNumber, atMost: left)
      left -= max(skipped, 1)
      if skipped == 0 {
        try copyStruct(of: own, &clock, beyond: end, &group)
      } else if first >= end {
        if group.count == 0 { group.clock = first }
        group.count += skipped
        structs.raw(reader.slice(start, reader.position - start))
      }
    }
    group.end = structs.count
    if group.count > 0 { groups.append(group) }
  }

  /// Writes one struct anew, or what of it is beyond `end`.
  private mutating func copyStruct(
    of own: SpelledNumber, _ clock: inout UInt64, beyond end: UInt64, _ group: inout Group
  ) throws(UpdateError) {
    var wire = WireStruct(client: own.value, clock: clock, kind: .gc)
    try wire.decode(&reader, own, depth: depth)
    guard wire.length > 0 else { throw reader.error(.emptyContent) }
    clock += wire.length
    guard clock <= ByteReader.maxNumber else { throw reader.error(.numberTooLarge) }
    guard clock > end, group.count > 0 || wire.kind != .skip else { return }
    let isFirst = group.count == 0
    if isFirst { group.clock = max(wire.clock, end) }
    wire.write(from: source, offset: isFirst ? group.clock - wire.clock : 0, into: &structs)
    group.count += 1
  }

  /// The whole update. Deletions that are sorted already are copied.
  private consuming func finished() throws(UpdateError) -> [UInt8] {
    let start = reader.position
    let deletions = try reader.skipsUsualDeletions() ? nil : IdSet(decodingAt: start, of: reader)
    let end = reader.position
    return ByteWriter.array(expecting: structs.count + groups.count * 24 + (end - start) + 16) { writer in
      writer.varUInt(groups.count)
      var written = 0
      for group in groups {
        writer.varUInt(group.count)
        writer.varUInt(group.client)
        writer.varUInt(group.clock)
        structs.withBytes { writer.raw(UnsafeBufferPointer(rebasing: $0[written..<group.end])) }
        written = group.end
      }
      if let deletions {
        deletions.write(to: &writer, format: .v1)
      } else {
        writer.raw(reader.slice(start, end - start))
      }
    }
  }
}

extension IdSet {
  fileprivate init(decodingAt position: Int, of reader: ByteReader) throws(UpdateError) {
    var reader = reader
    reader.position = position
    try self.init(from: &reader, format: .v1)
  }
}

extension ByteReader {
  /// Moves behind a delete set V1. False if its clients do not descend, or its ranges do not ascend with space between.
  fileprivate mutating func skipsUsualDeletions() throws(UpdateError) -> Bool {
    var isUsual = true
    var previous = ClientID.max
    for _ in 0..<(try elementCount()) {
      let client = try varUInt()
      let count = try elementCount()
      if client >= previous || count == 0 { isUsual = false }
      previous = client
      var end: UInt64 = 0
      for number in 0..<count {
        let clock = try varUInt()
        let length = try varUInt()
        guard clock + length <= Self.maxNumber else { throw error(.numberTooLarge) }
        if (number > 0 && clock <= end) || length == 0 { isUsual = false }
        end = clock + length
      }
    }
    return isUsual
  }
}
