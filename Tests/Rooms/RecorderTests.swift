import Rooms
import Testing
import Workflow

/// How much a record may keep.
@Suite struct RecorderTests {
  private static let value = JSONValue.string(String(repeating: "x", count: 10_000))

  /// What is read from the log has values, which are as large as what people write.
  private static let tails: [LogTail] = {
    var (changes, conflicts) = (RoomFixture().tail([], lastSequence: 1), RoomFixture().tail([], lastSequence: 1))
    let change = ContentChange(unit: ["jobs", "j", "body"], before: nil, after: value)
    changes.reconciliations = (1...10).map {
      ReconciliationRecord(
        number: $0, kind: .reconcile, provenance: .unknown, lockVersion: 1, changes: [change], conflicts: 0,
        updateBytes: 0, recordedAt: "")
    }
    let conflict = Conflict(
      kind: .editEdit, unit: change.unit, base: nil, live: ["body": value], database: nil, winner: .live)
    conflicts.openConflicts = (1...10).map {
      ConflictRecord(
        id: .init(reconciliation: 1, place: $0), conflict: conflict, provenance: .unknown, recordedAt: "")
    }
    return [changes, conflicts]
  }()

  @Test(arguments: tails) func aRecordKeepsNoMoreThanItMay(tail: LogTail) {
    let limits = RecorderLimits()
    let (budget, fixture) = (RecordBudget(limits: limits), RoomFixture.serving())
    var recorder = RoomRecorder(fixture.room, budget: budget)
    for number in 1...200 {
      recorder.record(.logRead(tail), at: fixture.now + Int64(number), [], fixture.room)
      #expect(budget.usedBytes <= limits.maximumBytes)
    }
    let kept = recorder.record(of: fixture.room, exportedAt: "").record.steps.count
    // Each has ten such values.
    #expect(kept > 0 && kept * 10 * 10_000 <= limits.maximumBytes, "\(kept) are kept")
  }
}
