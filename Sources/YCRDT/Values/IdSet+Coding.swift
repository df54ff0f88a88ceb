/// The wire forms of a delete set: per client, greatest first, its ranges, ascending. V1 writes clocks and lengths, V2
/// the distance from the end of the range before, and one less than the length.
extension IdSet {
  /// Reads the wire form. Ranges may come in any order and overlap; trailing bytes are tolerated.
  public init(decoding bytes: [UInt8], format: UpdateFormat = .v1) throws(UpdateError) {
    self = try bytes.read { (reader) throws(UpdateError) in try IdSet(from: &reader, format: format) }
  }

  /// The wire form.
  public func encoded(format: UpdateFormat = .v1) -> [UInt8] {
    var writer = ByteWriter()
    write(to: &writer, format: format)
    return writer.bytes
  }

  init(from reader: inout ByteReader, format: UpdateFormat) throws(UpdateError) {
    var collected: [ClientID: [Range<UInt64>]] = [:]
    for _ in 0..<(try reader.elementCount()) {
      let client = try reader.varUInt()
      var end: UInt64 = 0
      for _ in 0..<(try reader.elementCount()) {
        let clock = try reader.varUInt() + (format == .v2 ? end : 0)
        let length = try reader.varUInt() + (format == .v2 ? 1 : 0)
        end = clock + length
        guard end <= ByteReader.maxNumber else { throw reader.error(.numberTooLarge) }
        if length > 0 { collected[client, default: []].append(clock..<end) }
      }
    }
    self.init(collected: collected)
  }

  func write(to writer: inout ByteWriter, format: UpdateFormat) {
    writer.varUInt(runs.count)
    for (client, ranges) in runs.sorted(by: { $0.key > $1.key }) {
      writer.varUInt(client)
      writer.varUInt(ranges.count)
      var end: UInt64 = 0
      for range in ranges {
        writer.varUInt(format == .v2 ? range.lowerBound - end : range.lowerBound)
        writer.varUInt(range.upperBound - range.lowerBound - (format == .v2 ? 1 : 0))
        end = range.upperBound
      }
    }
  }
}
