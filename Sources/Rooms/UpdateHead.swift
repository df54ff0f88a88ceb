import YCRDT

/// What an update begins with: the client of its first structs and their clock. The edits of a client are one such group.
struct UpdateHead: Hashable {
  let client: ClientID
  let clock: UInt64
  /// Whether there are structs of no other client.
  let isAlone: Bool

  /// Nil where the update holds no structs, or is no update.
  init?(_ update: [UInt8]) {
    var bytes = update[...]
    guard let groups = Self.varUInt(&bytes), groups > 0, Self.varUInt(&bytes) != nil,
      let client = Self.varUInt(&bytes), let clock = Self.varUInt(&bytes)
    else { return nil }
    self.client = client
    self.clock = clock
    isAlone = groups == 1
  }

  /// The number of clients that a state vector begins with.
  static func count(_ stateVector: [UInt8]) -> UInt64? {
    var bytes = stateVector[...]
    return varUInt(&bytes)
  }

  private static func varUInt(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var (value, shift): (UInt64, UInt64) = (0, 0)
    while let byte = bytes.popFirst(), shift < 63 {
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }
}
