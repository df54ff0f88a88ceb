import YCRDT
import YProtocol

@testable import Rooms

extension FuzzTarget {
  static func runRecord(_ bytes: [UInt8]) throws(Finding) {
    let record: RoomRecord
    do {
      record = try RoomRecord(parsing: bytes)
    } catch {
      return try require(!error.description.isEmpty, "a record is refused without a reason")
    }
    let lines = try accepted("a record that was read") { () throws(RecordError) in try record.lines() }
    let again = try accepted("a record as we write it") { () throws(RecordError) in try RoomRecord(parsing: lines) }
    let second = try accepted("a record that was read again") { () throws(RecordError) in try again.lines() }
    try require(second == lines, "a record is spelled otherwise the second time")
    guard var replay = try? RecordReplay(record) else { return }
    var lineCount = 0
    replay.run { step, effects in lineCount += step.line(effects) == nil ? 0 : 1 }
    try require(lineCount <= record.steps.count, "more lines than steps")
    replay.room.doc.checkIntegrity()
  }

  static func runRedaction(_ bytes: [UInt8]) throws(Finding) {
    var values = ValueRedactor(substitution: Substitution(key: 7))
    let redacted = UpdateRedactor.redacted(bytes, &values)
    let (doc, other) = (Doc(clientID: 1 << 40), Doc(clientID: 1 << 40))
    if (try? doc.apply(bytes)) != nil {
      guard let redacted else { throw Finding("an update that is taken is not redacted") }
      _ = try accepted("a redacted update") { try other.apply(redacted) }
      other.checkIntegrity()
      try require(other.stateVector == doc.stateVector, "a redacted update has another state vector")
      try require(other.deleteSet == doc.deleteSet, "a redacted update deletes something else")
      try require(other.hasPending == doc.hasPending, "a redacted update waits for something else")
    }
    try checkRedactedAwareness(bytes)
  }

  private static func checkRedactedAwareness(_ bytes: [UInt8]) throws(Finding) {
    var values = ValueRedactor(substitution: Substitution(key: 7))
    let redacted = AwarenessRedactor.redacted(bytes, &values)
    var (awareness, other) = (Awareness(), Awareness())
    guard (try? awareness.apply(bytes, from: 1, now: 0)) != nil else { return }
    guard let redacted else { throw Finding("an awareness update that is taken is not redacted") }
    _ = try accepted("a redacted awareness update") { try other.apply(redacted, from: 1, now: 0) }
    try require(other.clients(of: 1) == awareness.clients(of: 1), "a redacted awareness update is of others")
  }
}
