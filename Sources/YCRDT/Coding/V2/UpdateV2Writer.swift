/// Reads an update V1 and writes it as V2, struct by struct, byte for byte as Yjs does.
struct UpdateV2Writer: ~Copyable {
  private var columns: UpdateV2Columns
  private var reader: ByteReader
  private let depth: Int

  /// The update V2 that says the same as an update V1. The bytes must outlive the call.
  static func v2(_ update: UnsafeBufferPointer<UInt8>, limits: DocLimits) throws(UpdateError) -> [UInt8] {
    var writer = UpdateV2Writer(update, limits)
    try writer.copyGroups()
    try writer.copyDeletions()
    return writer.columns.finished()
  }

  private init(_ update: UnsafeBufferPointer<UInt8>, _ limits: DocLimits) {
    reader = ByteReader(update)
    columns = UpdateV2Columns(expecting: update.count)
    depth = limits.valueDepth
  }

  // MARK: - Structs

  private mutating func copyGroups() throws(UpdateError) {
    let groups = try reader.elementCount()
    columns.rest.varUInt(groups)
    for _ in 0..<groups {
      let count = try reader.elementCount()
      columns.rest.varUInt(count)
      let start = reader.position
      let client = try reader.varUInt()
      let own = reader.spelled(client, from: start)
      columns.clients.write(client)
      columns.rest.varUInt(try reader.varUInt())
      try copyStructs(count, own)
    }
  }

  private mutating func copyStructs(_ count: Int, _ own: SpelledNumber) throws(UpdateError) {
    // A copy that stays in registers.
    var reader = self.reader
    for _ in 0..<count { try columns.copyStruct(&reader, own, depth: depth) }
    self.reader = reader
  }

  // MARK: - Deletions

  private mutating func copyDeletions() throws(UpdateError) {
    let deletions = try IdSet(from: &reader, format: .v1)
    deletions.write(to: &columns.rest, format: .v2)
  }
}
