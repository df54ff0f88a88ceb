import Rooms
import Workflow

extension RoomHost {
  /// How many members of a room are shown one by one.
  private static let maximumMembers = 50

  /// The room as those see it who run the server.
  func report() -> JSONValue {
    let report = room.report(maximumMembers: Self.maximumMembers)
    let contents = contents()
    return [
      "document": .string("\(name)"), "version": JSONValue(name.version),
      "workflow": ["id": .string(name.workflowID), "name": JSONValue(contents?.name)],
      "phase": .string(report.phase),
      "member_count": JSONValue(report.memberCount), "members": .array(report.members.map(json)),
      "sequence": .number(Double(report.sequence)), "behind": .number(Double(report.behind)),
      "pending_updates": JSONValue(report.pendingUpdates),
      "lock_version": JSONValue(report.lockVersion), "dirty": contents.map { .bool($0.isDirty) } ?? .null,
      "open_conflicts": JSONValue(report.openConflicts),
      "bytes": [
        "document": JSONValue(contents?.updateBytes), "pending": JSONValue(report.pendingBytes),
        "early": JSONValue(report.earlyBytes), "queued": JSONValue(queuedBytes),
      ],
      "counts": json(room.statistics),
    ]
  }

  private func json(_ member: RoomReport.Member) -> JSONValue {
    [
      "name": JSONValue(member.name), "actor": member.actor?.json ?? .null, "read_only": .bool(member.isReadOnly),
      "lagging": .bool(member.isLagging), "waiting": .bool(member.isWaiting), "stranger": .bool(member.isStranger),
      "queued_bytes": JSONValue(queuedBytes(for: member.id)),
    ]
  }

  private func json(_ counts: RoomStatistics) -> JSONValue {
    [
      "updates": JSONValue(counts.updates), "rejected_updates": JSONValue(counts.rejectedUpdates),
      "reconciles": JSONValue(counts.reconciles), "conflicts": JSONValue(counts.conflicts),
      "saves": JSONValue(counts.saves), "resyncs": JSONValue(counts.resyncs),
    ]
  }
}
