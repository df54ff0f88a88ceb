/// A decoded awareness update: what a peer says about some clients.
struct AwarenessUpdate {
  /// What it says about one client.
  struct Entry {
    var client: UInt64
    /// Counts the changes that the client made to its state. Higher wins.
    var clock: UInt64
    /// JSON, or nil where the client is gone.
    var state: String?
    /// Where the entry stands in the update.
    var range: Range<Int>
  }

  var entries: [Entry]
  /// Whether the update ends with its last entry.
  var isExact: Bool

  /// Reads and checks a whole update, so that a wrong entry leaves nothing half applied.
  init(decoding update: [UInt8], limits: Awareness.Limits) throws(ProtocolError) {
    var reader = ByteReader(update)
    let shortestEntry = 3
    var entries: [Entry] = []
    do {
      let count = try reader.readCount(ofBytes: shortestEntry)
      guard count <= limits.maximumClients else {
        throw ProtocolError.tooManyAwarenessEntries(count, limit: limits.maximumClients)
      }
      entries.reserveCapacity(count)
      for _ in 0..<count {
        let start = reader.offset
        let client = try reader.readVarUInt()
        let clock = try reader.readVarUInt()
        let text = try reader.readVarString()
        let state = try Self.state(text, of: client, maximumBytes: limits.maximumStateBytes)
        entries.append(Entry(client: client, clock: clock, state: state, range: start..<reader.offset))
      }
    } catch let error as ByteDecodingError {
      throw .malformed(.awareness, error)
    } catch let error as ProtocolError {
      throw error
    } catch {
      preconditionFailure("only these two errors are thrown above")
    }
    self.entries = entries
    isExact = reader.isAtEnd
  }

  private static func state(
    _ text: String, of client: UInt64, maximumBytes: Int
  ) throws(ProtocolError) -> String? {
    guard text != "null" else { return nil }
    let bytes = Array(text.utf8)
    guard bytes.count <= maximumBytes else {
      throw .tooLarge(.awareness, bytes: bytes.count, limit: maximumBytes)
    }
    do {
      try JSONSyntax.check(bytes[...])
    } catch {
      throw .invalidState(client: client, error)
    }
    let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
    let isPaddedNull = bytes.count > 4 && bytes.filter { !space.contains($0) } == Array("null".utf8)
    return isPaddedNull ? nil : text
  }

  /// An update that says `state` of each client.
  static func encode(_ states: [(client: UInt64, clock: UInt64, state: String?)]) -> [UInt8] {
    var writer = ByteWriter(capacity: 1 + states.count * 16)
    writer.write(varUInt: UInt64(states.count))
    for (client, clock, state) in states {
      writer.write(varUInt: client)
      writer.write(varUInt: clock)
      writer.write(varString: state ?? "null")
    }
    return writer.bytes
  }

  /// An update of some entries of this one, spelt as they came.
  static func encode(_ entries: [Entry], from update: [UInt8]) -> [UInt8] {
    var writer = ByteWriter(capacity: update.count)
    writer.write(varUInt: UInt64(entries.count))
    for entry in entries { writer.write(raw: update[entry.range]) }
    return writer.bytes
  }
}
