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
}
