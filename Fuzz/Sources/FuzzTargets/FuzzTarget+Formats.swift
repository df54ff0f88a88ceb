import YCRDT

extension FuzzTarget {
  static func runUpdateV2(_ bytes: [UInt8]) throws(Finding) {
    for doc in [Doc(clientID: 1 << 40), try base()] {
      doc.limits.acceptsCrossedOrigins = false
      let before = DocState(doc)
      do {
        try doc.apply(bytes, format: .v2)
      } catch {
        try require(DocState(doc) == before, "a refused update left something behind")
        continue
      }
      doc.checkIntegrity()
      try roundTrip(doc)
      let copy = Doc(clientID: 1 << 42, limits: ownLimits)
      _ = try accepted("the document's own state as V2") {
        try copy.apply(doc.encodeStateAsUpdate(format: .v2), format: .v2)
      }
      copy.checkIntegrity()
      try require(copy.stateVector == doc.stateVector, "another state vector after a reload as V2")
      try require(copy.shown == doc.shown, "another content after a reload as V2")
    }
    guard let first = try? Update.converted(bytes, from: .v2, to: .v1) else { return }
    let second = try accepted("a converted update") { try Update.converted(first, from: .v1, to: .v2) }
    let third = try accepted("an update converted twice") {
      try Update.converted(second, from: .v2, to: .v1, limits: ownLimits)
    }
    let fourth = try accepted("an update converted three times") { try Update.converted(third, from: .v1, to: .v2) }
    try require(second == fourth, "conversions do not settle")
  }

  /// What was accepted may take fewer bytes as we write it, so that more structs come on a byte than would be accepted.
  private static var ownLimits: DocLimits {
    var limits = DocLimits()
    limits.structsOfShortUpdate = 1 << 24
    return limits
  }

  static func runUpdates(_ bytes: [UInt8]) throws(Finding) {
    guard let first = bytes.first else { return }
    let middle = min(bytes.count, 1 + Int(first))
    let parts = [Array(bytes[1..<middle]), Array(bytes[middle...])]
    for format in [UpdateFormat.v1, .v2] {
      for part in parts {
        guard let vector = try? Update.stateVector(of: part, format: format) else { continue }
        _ = try accepted("what an update adds to itself") {
          try Update.difference(part, since: vector, format: format)
        }
        _ = try accepted("the clocks of an update") { try Update.clocks(of: part, format: format) }
      }
      guard let merged = try? Update.merging(parts, format: format) else { continue }
      let doc = Doc(clientID: 1 << 40, limits: ownLimits)
      _ = try accepted("a merged update") { try doc.apply(merged, format: format) }
      doc.checkIntegrity()
      let again = try accepted("a merged update, merged again") {
        try Update.merging([merged, merged], format: format, limits: ownLimits)
      }
      // The first time may differ in one bit: where an item in a map is cut, Yjs writes on that it has a key, and reads that no more.
      let third = try accepted("a merged update, merged a third time") {
        try Update.merging([again, again], format: format, limits: ownLimits)
      }
      try require(third == again, "merging an update with itself changes it")
      let other = Doc(clientID: 1 << 40, limits: ownLimits)
      _ = try accepted("a merged update, merged with itself") { try other.apply(again, format: format) }
      try require(
        other.encodeStateAsUpdate() == doc.encodeStateAsUpdate(), "an update merged with itself says something else")
    }
  }

  static func runSnapshot(_ bytes: [UInt8]) throws(Finding) {
    for format in [UpdateFormat.v1, .v2] {
      guard let snapshot = try? Snapshot(decoding: bytes, format: format) else { continue }
      let again = try accepted("a snapshot as we write it") {
        try Snapshot(decoding: snapshot.encoded(format: format), format: format)
      }
      try require(again == snapshot, "another snapshot after a round trip")
      let doc = try base().fork(clientID: 9)
      if let past = try? doc.restored(at: snapshot) {
        past.checkIntegrity()
        _ = past.shown
      }
      let keeping = Doc(clientID: 9, collectsGarbage: false)
      _ = try accepted("the base") { try keeping.apply(doc.encodeStateAsUpdate()) }
      if let past = try? keeping.restored(at: snapshot) { past.checkIntegrity() }
    }
  }

  static func runRelativePosition(_ bytes: [UInt8]) throws(Finding) {
    guard let position = position(bytes) else { return }
    // In JSON a position may be at a unit and in a type, of which bytes have the unit.
    if position.item == nil || position.parent == nil {
      let again = try accepted("a position as we write it") { try RelativePosition(decoding: position.encoded()) }
      try require(again == position, "another position after a round trip")
    }
    let doc = try base()
    if let place = doc.resolve(position) { try require(place.index >= 0, "a place before the start") }
    doc.checkIntegrity()
    guard let fromJSON = RelativePosition(json: position.json) else { throw Finding("a position's own JSON is none") }
    try require(fromJSON == position, "another position after a round trip as JSON")
  }

  /// A position as bytes, or as JSON, which no bytes of one begin with.
  private static func position(_ bytes: [UInt8]) -> RelativePosition? {
    guard bytes.first == UInt8(ascii: "{") else { return try? RelativePosition(decoding: bytes) }
    return YValue(jsonText: String(decoding: bytes, as: UTF8.self)).flatMap { RelativePosition(json: $0) }
  }
}
