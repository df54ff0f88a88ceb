/// Refusing what is to stand behind a unit and before the same one, or before one that is in front of it.
///
/// Replicas insert between neighbours, so that none makes such a struct. One that is forged comes, in Yjs as here, to a place
/// that depends on how the content around it is cut into items, which a reload may change.
extension Store {
  func checkOrigins(_ reader: ByteReader) throws(UpdateError) {
    guard !limits.acceptsCrossedOrigins else { return }
    for index in 0..<UInt32(decoded.structs.count) where hasCrossedOrigins(decoded.structs.pointer(index)) {
      throw reader.error(.crossedOrigins)
    }
  }

  private func hasCrossedOrigins(_ wire: UnsafePointer<WireStruct>) -> Bool {
    let isBetweenUnitsOfOne =
      wire.pointee.flags.isSuperset(of: [.hasOrigin, .hasRightOrigin])
      && wire.pointee.originClient == wire.pointee.rightClient
    guard isBetweenUnitsOfOne, wire.pointee.originClock >= wire.pointee.rightClock else { return false }
    // What is in the document already is no news, whoever sends it again.
    let author = clients.find(wire.pointee.client)
    guard author == .none || wire.pointee.end > clients.records.pointer(author).pointee.next else { return false }
    return isWrittenBehind(wire.pointee.rightClock, wire.pointee.originClock, wire.pointee.originClient)
  }

  /// How many structs are looked at between two units. What can be joined is joined mostly, so that more are only where
  /// somebody took pains to have them.
  private static let maximumStructsBetween = 256

  /// Whether a client wrote its unit `clock`, and each since its unit `first`, behind the one before.
  ///
  /// - Complexity: O(log *n*) for each struct between them.
  private func isWrittenBehind(_ first: UInt64, _ clock: UInt64, _ client: ClientID) -> Bool {
    var clock = clock
    for _ in 0..<Self.maximumStructsBetween where clock != first {
      guard let start = start(ofStructWith: clock, client) else { return false }
      if start.clock <= first { return true }
      guard start.isBehindPrevious else { return false }
      clock = start.clock - 1
    }
    return clock == first
  }

  /// Where the struct starts in which a client's unit is, here or in the update.
  private func start(ofStructWith clock: UInt64, _ client: ClientID) -> (clock: UInt64, isBehindPrevious: Bool)? {
    let known = clients.find(client)
    if known != .none, clock < clients.records.pointer(known).pointee.next {
      let item = items.pointer(find(known, clock)).pointee
      guard !item.isGC else { return nil }
      return (item.clock, item.hasOrigin && item.originClient == known && item.originClock &+ 1 == item.clock)
    }
    guard let index = decoded.struct(with: clock, of: client) else { return nil }
    let wire = decoded.structs.pointer(index).pointee
    let hasOwnOrigin = wire.flags.contains(.hasOrigin) && wire.originClient == client
    return (wire.clock, hasOwnOrigin && wire.originClock &+ 1 == wire.clock)
  }
}

extension DecodedUpdate {
  /// The struct in which a client's unit is.
  fileprivate func `struct`(with clock: UInt64, of client: ClientID) -> UInt32? {
    var (low, high) = (UInt32(0), UInt32(structs.count))
    while low < high {
      let middle = low + (high - low) / 2
      let wire = structs.pointer(middle)
      let isAfter = wire.pointee.client != client ? wire.pointee.client < client : wire.pointee.clock > clock
      if isAfter { high = middle } else { low = middle + 1 }
    }
    guard low > 0 else { return nil }
    let wire = structs.pointer(low - 1)
    return wire.pointee.client == client && clock < wire.pointee.end && wire.pointee.kind != .gc ? low - 1 : nil
  }
}
