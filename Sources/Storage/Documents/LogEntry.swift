/// What one row of a document's log holds: updates, each preceded by its length as a varuint.
enum LogEntry {
  static func append(_ update: [UInt8], to data: inout [UInt8]) {
    var length = update.count
    while length > 0x7F {
      data.append(UInt8(length & 0x7F) | 0x80)
      length >>= 7
    }
    data.append(UInt8(length))
    data.append(contentsOf: update)
  }

  static func updates(of data: [UInt8]) throws(StoreError) -> [[UInt8]] {
    var updates: [[UInt8]] = []
    var position = 0
    while position < data.count {
      var length = 0
      var shift = 0
      var byte: UInt8
      repeat {
        guard position < data.count, shift < 56 else { throw .damaged("an entry of a document's log ends too early") }
        byte = data[position]
        length |= Int(byte & 0x7F) << shift
        shift += 7
        position += 1
      } while byte > 0x7F
      guard length <= data.count - position else { throw .damaged("an entry of a document's log ends too early") }
      updates.append(Array(data[position..<position + length]))
      position += length
    }
    return updates
  }
}
