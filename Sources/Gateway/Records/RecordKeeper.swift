import Rooms
import Workflow

/// The records of rooms: gives each open room its recorder, and keeps those of rooms that have ended for a while. Confined to
/// the loop's thread.
final class RecordKeeper {
  private struct Ended {
    let record: KeptRecord
    let at: Rooms.Milliseconds
    var isFault: Bool { record.header.fault != nil }
  }

  private let budget: RecordBudget
  private let faultRetention: Rooms.Milliseconds
  /// In the order in which the rooms ended.
  private var ended: [Ended] = []
  private var endedBytes = 0
  /// How many rooms ended by a fault.
  private(set) var faults = 0

  /// Rooms that are gone may have this part of all that is kept.
  private static let endedPart = 4
  private static let maximumEnded = 1024

  init(limits: RecorderLimits, faultRetention: Rooms.Milliseconds) {
    budget = RecordBudget(limits: limits)
    self.faultRetention = faultRetention
  }

  /// A recorder for a new room; nil where nothing is recorded.
  func recorder(for room: Room) -> RoomRecorder? {
    budget.limits.isEnabled ? RoomRecorder(room, budget: budget) : nil
  }

  /// Takes over what was recorded of a room that has ended.
  func keep(_ recorder: inout RoomRecorder?, of room: Room, now: Rooms.Milliseconds) {
    guard let record = recorder?.record(of: room, exportedAt: ISODate.now) else { return }
    recorder?.close()
    recorder = nil
    if record.header.fault != nil { faults += 1 }
    keep(record, now: now)
  }

  /// Keeps a record as one of a room that is gone.
  func keep(_ record: KeptRecord, now: Rooms.Milliseconds) {
    guard record.bytes > 0 || record.header.fault != nil else { return }
    ended.append(Ended(record: record, at: now))
    count(record.bytes)
    forgetOld(now: now)
  }

  /// Forgets what is too old, or too much: first of rooms that nothing was wrong with.
  func forgetOld(now: Rooms.Milliseconds) {
    remove { now - $0.at > ($0.isFault ? faultRetention : budget.limits.window) }
    while ended.count > Self.maximumEnded || endedBytes > budget.limits.maximumTotalBytes / Self.endedPart {
      let index = ended.firstIndex { !$0.isFault } ?? 0
      count(-ended.remove(at: index).record.bytes)
    }
  }

  private func remove(where isOld: (Ended) -> Bool) {
    guard ended.contains(where: isOld) else { return }
    for old in ended where isOld(old) { count(-old.record.bytes) }
    ended.removeAll(where: isOld)
  }

  private func count(_ bytes: Int) {
    endedBytes += bytes
    budget.hold(bytes)
  }

  /// What was last recorded of a document whose room is gone. That of a fault comes before others.
  func record(of name: DocumentName) -> KeptRecord? {
    let records = ended.filter { $0.record.header.document == name }
    return (records.last(where: \.isFault) ?? records.last)?.record
  }

  /// Bytes that all records take, about.
  var usedBytes: Int { budget.usedBytes }
}
