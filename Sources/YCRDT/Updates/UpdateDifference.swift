/// The difference between an update V1 and a state, in one pass over the bytes: what is known already is measured and
/// left out, and nothing of it is kept.
struct UpdateDifference: ~Copyable {
  private var reader: ByteReader
  private let source: UnsafePointer<UInt8>
  private let known: StateVector
  private let depth: Int
  private var groups = 0
  /// The groups written so far, and the structs of the group at hand.
  private var all = ByteWriter(capacity: 256)
  private var group = ByteWriter(capacity: 256)

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
    let client = own.value
    // A copy that stays in registers.
    var reader = self.reader
    let end = known[client]
    var clock = try reader.varUInt()
    var first: UInt64 = 0
    var written = 0
    group.reset()
    for _ in 0..<count {
      var wire = WireStruct(client: client, clock: clock, kind: .gc)
      try wire.decode(&reader, own, depth: depth)
      guard wire.length > 0 else { throw reader.error(.emptyContent) }
      clock += wire.length
      guard clock <= ByteReader.maxNumber else { throw reader.error(.numberTooLarge) }
      guard clock > end, written > 0 || wire.kind != .skip else { continue }
      if written == 0 { first = max(wire.clock, end) }
      wire.write(from: source, offset: written == 0 ? first - wire.clock : 0, into: &group)
      written += 1
    }
    self.reader = reader
    guard written > 0 else { return }
    groups += 1
    all.varUInt(written)
    all.varUInt(client)
    all.varUInt(first)
    group.withBytes { all.raw($0) }
  }

  /// The whole update. Deletions that are sorted already are copied.
  private consuming func finished() throws(UpdateError) -> [UInt8] {
    let start = reader.position
    let deletions = try reader.skipsUsualDeletions() ? nil : IdSet(decodingAt: start, of: reader)
    let end = reader.position
    return ByteWriter.array(expecting: all.count + (end - start) + 16) { writer in
      writer.varUInt(groups)
      all.withBytes { writer.raw($0) }
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
