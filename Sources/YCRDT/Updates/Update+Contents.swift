extension Update {
  /// The ids of all units that an update brings along, collected ones included. What it only says is missing (a Skip) is
  /// not among them.
  ///
  /// O(structs).
  public static func insertions(
    of update: [UInt8], format: UpdateFormat = .v1, limits: DocLimits = DocLimits()
  ) throws(UpdateError) -> IdSet {
    try decoded(update, format, limits) { decoded in
      var ranges: [ClientID: [Range<UInt64>]] = [:]
      for number in 0..<UInt32(decoded.structs.count) {
        let wire = decoded.structs[number]
        ranges[wire.client, default: []].append(wire.clock..<wire.end)
      }
      return IdSet(collected: ranges)
    }
  }

  /// The ids of all units that an update says are deleted.
  ///
  /// O(structs + deletions).
  public static func deletions(
    of update: [UInt8], format: UpdateFormat = .v1, limits: DocLimits = DocLimits()
  ) throws(UpdateError) -> IdSet {
    try decoded(update, format, limits) { decoded in
      var ranges: [ClientID: [Range<UInt64>]] = [:]
      for number in 0..<UInt32(decoded.deletions.count) {
        let deletion = decoded.deletions[number]
        ranges[deletion.client, default: []].append(deletion.clock..<(deletion.clock + deletion.length))
      }
      return IdSet(collected: ranges)
    }
  }

  private static func decoded(
    _ update: [UInt8], _ format: UpdateFormat, _ limits: DocLimits, _ body: (borrowing DecodedUpdate) -> IdSet
  ) throws(UpdateError) -> IdSet {
    let source = try converted(update, from: format, to: .v1, limits: limits)
    return try source.read { (reader) throws(UpdateError) in
      var decoded = DecodedUpdate()
      try decoded.decode(&reader, limits: limits)
      return body(decoded)
    }
  }
}
