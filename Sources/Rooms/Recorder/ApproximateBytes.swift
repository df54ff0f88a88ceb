import Workflow
import YProtocol

extension Room.Event {
  /// About what it takes in memory, without looking closely.
  var approximateBytes: Int {
    switch self {
    case .loaded(let document):
      512 + (document.checkpoint?.count ?? 0) + document.updates.reduce(0) { $0 + 32 + $1.count }
        + document.base.content.approximateBytes + document.openConflicts.approximateBytes
    case .logRead(let tail):
      512 + tail.updates.reduce(0) { $0 + 32 + $1.count } + tail.base.content.approximateBytes
        + tail.openConflicts.approximateBytes + tail.reconciliations.reduce(0) { $0 + $1.approximateBytes }
    case .rowsRead(let rows): 512 + (rows?.content.approximateBytes ?? 0)
    case .versionLoaded(let rows): 512 + rows.content.approximateBytes
    case .request(_, .recover(let branch, _)): 512 + 2 * branch.content.approximateBytes
    case .request(_, .patch(.version(let patched, _), _)): 512 + 2 * patched.content.approximateBytes
    case .request(_, .resolve(let records, _, _)): 512 + records.approximateBytes
    case .request(_, .patch(.live, _)): 4096
    case .branchKept: 4096
    case .message(_, let message): 512 + message.payloadBytes
    default: 512
    }
  }
}

extension WorkflowContent {
  var approximateBytes: Int {
    jobs.reduce(256) { $0 + 192 + $1.body.utf8.count } + triggers.count * 256 + edges.count * 256
      + (positions?.count ?? 0) * 128
  }
}

extension [ConflictRecord] {
  /// About what they take in memory.
  var approximateBytes: Int {
    reduce(0) { bytes, record in
      let values = [record.conflict.base, record.conflict.live, record.conflict.database, record.conflict.result]
      return values.reduce(bytes + 768) { $0 + ($1?.approximateBytes ?? 0) }
    }
  }
}

extension ReconciliationRecord {
  fileprivate var approximateBytes: Int {
    changes.reduce(512 + renames.count * 256) {
      $0 + 256 + ($1.before?.approximateBytes ?? 0) + ($1.after?.approximateBytes ?? 0)
    }
  }
}

extension JSONValue {
  /// What it takes on the heap.
  fileprivate var approximateBytes: Int {
    switch self {
    case .null, .bool, .number: 0
    case .string(let text): 32 + text.utf8.count
    case .array(let elements): elements.reduce(32) { $0 + 24 + $1.approximateBytes }
    case .object(let members): members.reduce(64) { $0 + 96 + $1.key.utf8.count + $1.value.approximateBytes }
    }
  }
}
