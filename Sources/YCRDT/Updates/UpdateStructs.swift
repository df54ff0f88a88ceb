/// The structs and deletions of one or several updates V1, by client, and what can be said of them.
struct UpdateStructs: ~Copyable {
  private let limits: DocLimits
  /// The bytes of all updates, to which the structs refer.
  private var source = ByteArena()
  private var structs = Slab<WireStruct>()
  private var decoded = DecodedUpdate()
  private var groups: [Group] = []
  /// Where in `groups` a client is.
  private var places: [ClientID: Int] = [:]
  /// Where the client is that was asked for last: mostly the next one too.
  private var place = 0

  /// What there is of one client, in the order in which it came.
  private struct Group {
    let client: ClientID
    var structs: [UInt32] = []
    var deletions: [Range<UInt64>] = []
  }

  init(_ limits: DocLimits) {
    self.limits = limits
  }

  /// Adds an update; on an error nothing of it is added.
  mutating func add(_ update: [UInt8]) throws(UpdateError) {
    let start = source.count
    guard start + update.count <= min(limits.updateBytes, 1 << 30) else {
      throw UpdateError(.limit("updateBytes"), at: 0)
    }
    update.withUnsafeBufferPointer { bytes in
      if let base = bytes.baseAddress { _ = source.append(base, bytes.count) }
    }
    var reader = ByteReader(source.bytes(0, UInt32(source.count)))
    reader.position = start
    do throws(UpdateError) {
      try decoded.decode(&reader, limits: limits, keepingSkips: true)
    } catch {
      throw UpdateError(error.reason, at: error.offset - start)
    }
    for number in 0..<UInt32(decoded.structs.count) {
      let wire = decoded.structs[number]
      find(wire.client)
      groups[place].structs.append(structs.append(wire))
    }
    for number in 0..<UInt32(decoded.deletions.count) {
      let deletion = decoded.deletions[number]
      find(deletion.client)
      groups[place].deletions.append(deletion.clock..<(deletion.clock + deletion.length))
    }
  }

  /// Makes `place` that of a client.
  private mutating func find(_ client: ClientID) {
    if place < groups.count, groups[place].client == client { return }
    if let known = places[client] {
      place = known
      return
    }
    place = groups.count
    places[client] = place
    groups.append(Group(client: client))
  }

  // MARK: - Results

  /// One update of everything, as Yjs' `mergeUpdates` writes it.
  func merged() -> [UInt8] {
    encoded { group, body in
      var run = MergedRun()
      for index in sorted(group) where structs[index].kind != .skip && structs[index].end > run.end {
        run.add(structs[index], from: source.pointer(0), into: &body)
      }
      run.flush(from: source.pointer(0), into: &body)
      return (run.start, run.count)
    }
  }

  /// What lies beyond a state, as Yjs' `diffUpdate` writes it.
  func difference(since known: StateVector) -> [UInt8] {
    encoded { group, body in
      let clock = known[group.client]
      var first: UInt64 = 0
      var count = 0
      for index in sorted(group) where structs[index].end > clock {
        let wire = structs[index]
        if count == 0 {
          if wire.kind == .skip { continue }
          first = max(wire.clock, clock)
        }
        wire.write(from: source.pointer(0), offset: count == 0 ? first - wire.clock : 0, into: &body)
        count += 1
      }
      return (first, count)
    }
  }

  func stateVector() -> StateVector {
    var result = StateVector()
    for group in groups {
      var end: UInt64 = 0
      for index in sorted(group) {
        guard structs[index].clock <= end, structs[index].kind != .skip else { break }
        end = max(end, structs[index].end)
      }
      result[group.client] = end
    }
    return result
  }

  func clocks() -> [ClientID: Range<UInt64>] {
    var result: [ClientID: Range<UInt64>] = [:]
    for group in groups where !group.structs.isEmpty {
      let start = group.structs.reduce(UInt64.max) { min($0, structs[$1].clock) }
      result[group.client] = start..<group.structs.reduce(start) { max($0, structs[$1].end) }
    }
    return result
  }

  // MARK: - Steps

  /// A client's structs by clock. Of several that begin at one clock those go first that came first, and Skips last.
  private func sorted(_ group: Group) -> [UInt32] {
    let indexes = group.structs
    let isSorted = zip(indexes, indexes.dropFirst()).allSatisfy { structs[$0].clock < structs[$1].clock }
    guard !isSorted else { return indexes }
    return indexes.sorted { a, b in
      let (first, second) = (structs.pointer(a), structs.pointer(b))
      if first.pointee.clock != second.pointee.clock { return first.pointee.clock < second.pointee.clock }
      let isSkip = (first.pointee.kind == .skip, second.pointee.kind == .skip)
      return isSkip.0 == isSkip.1 ? a < b : isSkip.1
    }
  }

  /// An update of what `body` writes for each client: it returns the first clock and the number of structs.
  private func encoded(_ body: (Group, inout ByteWriter) -> (clock: UInt64, count: Int)) -> [UInt8] {
    var all = ByteWriter(capacity: source.count + 64)
    var count = 0
    var structs = ByteWriter(capacity: 256)
    var deletions: [ClientID: [Range<UInt64>]] = [:]
    for group in groups.sorted(by: { $0.client > $1.client }) {
      if !group.deletions.isEmpty { deletions[group.client] = group.deletions }
      structs.reset()
      let written = body(group, &structs)
      guard written.count > 0 else { continue }
      count += 1
      all.varUInt(written.count)
      all.varUInt(group.client)
      all.varUInt(written.clock)
      structs.withBytes { all.raw($0) }
    }
    return ByteWriter.array(expecting: all.count + 64) { writer in
      writer.varUInt(count)
      all.withBytes { writer.raw($0) }
      IdSet(collected: deletions).write(to: &writer, format: .v1)
    }
  }
}

/// Structs of one client written one behind the other: what is there already is cut off, gaps become Skips, and what was
/// collected is joined.
private struct MergedRun {
  private(set) var start: UInt64 = 0
  private(set) var end: UInt64 = 0
  private(set) var count = 0
  /// Collected clocks that are not written yet.
  private var collected: WireStruct?

  mutating func add(_ wire: WireStruct, from source: UnsafePointer<UInt8>, into writer: inout ByteWriter) {
    if count == 0 && collected == nil {
      start = wire.clock
      end = start
    } else if wire.clock > end {
      flush(from: source, into: &writer)
      var skip = WireStruct(client: wire.client, clock: end, kind: .skip)
      skip.length = wire.clock - end
      skip.write(from: source, into: &writer)
      count += 1
      end = wire.clock
    }
    let offset = end - wire.clock
    if wire.kind == .gc {
      var run = collected ?? WireStruct(client: wire.client, clock: end, kind: .gc)
      run.length = wire.end - run.clock
      collected = run
    } else {
      flush(from: source, into: &writer)
      wire.write(from: source, offset: offset, into: &writer)
      count += 1
    }
    end = wire.end
  }

  mutating func flush(from source: UnsafePointer<UInt8>, into writer: inout ByteWriter) {
    guard let run = collected else { return }
    run.write(from: source, into: &writer)
    count += 1
    collected = nil
  }
}
