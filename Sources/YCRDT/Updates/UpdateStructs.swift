/// The structs and deletions of one or several updates V1, by client, and what can be said of them.
struct UpdateStructs: ~Copyable {
  private let limits: DocLimits
  /// The bytes of all updates, to which the structs refer.
  private var source = ByteArena()
  private var structs = Slab<WireStruct>()
  private var deletions: [ClientID: [Range<UInt64>]] = [:]
  private var decoded = DecodedUpdate()
  /// The structs of each client, in the order in which they came.
  private var groups: [ClientID: [UInt32]] = [:]

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
    var number: UInt32 = 0
    while number < UInt32(decoded.structs.count) {
      let client = decoded.structs[number].client
      var indexes = groups.removeValue(forKey: client) ?? []
      while number < UInt32(decoded.structs.count), decoded.structs[number].client == client {
        indexes.append(structs.append(decoded.structs[number]))
        number += 1
      }
      groups[client] = indexes
    }
    for number in 0..<UInt32(decoded.deletions.count) {
      let deletion = decoded.deletions[number]
      deletions[deletion.client, default: []].append(deletion.clock..<(deletion.clock + deletion.length))
    }
  }

  // MARK: - Results

  /// One update of everything, as Yjs' `mergeUpdates` writes it.
  func merged() -> [UInt8] {
    encoded { client, body in
      var run = MergedRun()
      for index in sorted(client) where structs[index].kind != .skip && structs[index].end > run.end {
        run.add(structs[index], from: source.pointer(0), into: &body)
      }
      run.flush(from: source.pointer(0), into: &body)
      return (run.start, run.count)
    }
  }

  /// What lies beyond a state, as Yjs' `diffUpdate` writes it.
  func difference(since known: StateVector) -> [UInt8] {
    encoded { client, body in
      let clock = known[client]
      var first: UInt64 = 0
      var count = 0
      for index in sorted(client) where structs[index].end > clock {
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
    for client in groups.keys {
      var end: UInt64 = 0
      for index in sorted(client) {
        guard structs[index].clock <= end, structs[index].kind != .skip else { break }
        end = max(end, structs[index].end)
      }
      result[client] = end
    }
    return result
  }

  func clocks() -> [ClientID: Range<UInt64>] {
    groups.mapValues { indexes in
      let start = indexes.reduce(UInt64.max) { min($0, structs[$1].clock) }
      return start..<indexes.reduce(start) { max($0, structs[$1].end) }
    }
  }

  // MARK: - Steps

  /// A client's structs by clock. Of several that begin at one clock those go first that came first, and Skips last.
  private func sorted(_ client: ClientID) -> [UInt32] {
    let indexes = groups[client] ?? []
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
  private func encoded(_ body: (ClientID, inout ByteWriter) -> (clock: UInt64, count: Int)) -> [UInt8] {
    var all = ByteWriter(capacity: source.count + 64)
    var count = 0
    var group = ByteWriter(capacity: 256)
    for client in groups.keys.sorted(by: >) {
      group.reset()
      let written = body(client, &group)
      guard written.count > 0 else { continue }
      count += 1
      all.varUInt(written.count)
      all.varUInt(client)
      all.varUInt(written.clock)
      group.withBytes { all.raw($0) }
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
