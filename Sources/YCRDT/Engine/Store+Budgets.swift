/// Refusing an update that would exceed a limit, after it was decoded and planned and before anything is changed.
extension Store {
  mutating func checkBudgets(_ size: Int, _ reader: ByteReader) throws(UpdateError) {
    guard hasRoom(size) else { throw reader.error(.limit("contentBytes")) }
    // Names of keys lie in an arena of their own, whose offsets have 32 bits.
    guard keys.byteCount + size <= 1 << 31 else { throw reader.error(.limit("contentBytes")) }
    try checkTables(reader)
    let parked = decoded.structs.count - plan.count
    var deletions = 0
    var (client, next) = (ClientID.max, UInt64(0))
    for number in 0..<UInt32(decoded.deletions.count) {
      let deletion = decoded.deletions.pointer(number)
      if deletion.pointee.client != client {
        client = deletion.pointee.client
        next = plan.next(client, clients)
      }
      if deletion.pointee.clock + deletion.pointee.length > next { deletions += 1 }
    }
    guard parked > 0 || deletions > 0 else { return }
    let cost = PendingUpdates.cost(structs: parked, bytes: parked > 0 ? size : 0, deletions: deletions)
    guard pending.cost + cost <= min(limits.pendingBytes, 1 << 31) else { throw reader.error(.limit("pendingBytes")) }
  }

  /// Whether the document may hold so many more bytes of content. What is waste until the arena is compacted is not held
  /// against it, but for the offsets' 32 bits.
  func hasRoom(_ size: Int) -> Bool {
    size <= min(limits.contentBytes, 1 << 30) - (bytes.count - bytes.waste) && size <= 1 << 31 - bytes.count
  }

  /// Counts exactly only where the number of structs does not show that there is room.
  private func checkTables(_ reader: ByteReader) throws(UpdateError) {
    let structs = decoded.structs.count
    if clients.count + 2 * structs + decoded.deletions.count > limits.clients {
      guard clients.count + newClients(reader) <= limits.clients else { throw reader.error(.limit("clients")) }
    }
    guard types.count + 2 * structs > limits.types || keys.count + 3 * structs > limits.keys else { return }
    let (newTypes, newKeys) = newNames(reader)
    guard types.count + newTypes <= limits.types else { throw reader.error(.limit("types")) }
    guard keys.count + newKeys <= limits.keys else { throw reader.error(.limit("keys")) }
  }

  private func newClients(_ reader: ByteReader) -> Int {
    var new: Set<ClientID> = []
    for index in 0..<UInt32(decoded.structs.count) { new.insert(decoded.structs[index].client) }
    for index in 0..<UInt32(decoded.deletions.count) { new.insert(decoded.deletions[index].client) }
    for group in 0..<UInt32(plan.groups.count) where plan.groups[group].isBlocked {
      new.insert(plan.groups[group].blockerClient)
    }
    return new.count { clients.find($0) == .none }
  }

  private func newNames(_ reader: ByteReader) -> (types: Int, keys: Int) {
    var newTypes = 0
    var newRoots: Set<[UInt8]> = []
    var newKeys: Set<[UInt8]> = []
    func note(_ offset: UInt32, _ length: UInt32) -> UnsafeBufferPointer<UInt8> {
      let name = reader.slice(Int(offset), Int(length))
      if keys.find(name) == .none { newKeys.insert(Array(name)) }
      return name
    }
    for index in 0..<UInt32(decoded.structs.count) {
      let wire = decoded.structs[index]
      let known = clients.find(wire.client)
      if known != .none, wire.end <= clients.records[known].next { continue }
      if wire.kind == .type {
        newTypes += 1
        if wire.typeKind.hasName { _ = note(wire.content, wire.contentLength) }
      }
      if wire.flags.contains(.hasParentName) {
        let name = note(wire.name, wire.nameLength)
        if findRoot(keys.find(name)) == .none { newRoots.insert(Array(name)) }
      }
      if wire.flags.contains(.hasKey) { _ = note(wire.key, wire.keyLength) }
    }
    return (newTypes + newRoots.count, newKeys.count)
  }
}
