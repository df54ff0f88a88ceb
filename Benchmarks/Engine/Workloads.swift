import YCRDT

/// What is measured beside the peer, which knows the workloads by their names.
enum Workloads {
  static func all(_ inputs: Inputs) throws -> [Workload] {
    try text(inputs) + workflows(inputs)
  }

  private static func text(_ inputs: Inputs) throws -> [Workload] {
    let updates = try inputs.list("b4-updates-v1.lp")
    let full = try inputs.bytes("b4-full-v1.bin")
    var parsed: [Inputs.Edit]?
    return [
      Workload("B4: updates one by one, with events", goal: 471 / 80) { { try apply(updates, to: Doc()) } },
      Workload("B4: loaded", goal: 3.3 / 1.2) { loading(full) },
      Workload("B4: authored, one transaction each, with events", goal: 1504 / 150) {
        let edits = try parsed ?? inputs.edits()
        parsed = edits
        return { try author(edits) }
      },
    ]
  }

  private static func workflows(_ inputs: Inputs) throws -> [Workload] {
    let (wf50, wf500) = (try inputs.bytes("wf50-full-v1.bin"), try inputs.bytes("wf500-full-v1.bin"))
    let stream = try inputs.list("stream50-v1.lp")
    let (small, large, edited) = (
      try loaded(wf50), try loaded(wf500), try loaded(inputs.bytes("stream500-final-v1.bin"))
    )
    let behind = try StateVector(decoding: inputs.bytes("stream500-sv-minus10.bin"))
    let (editedBytes, large2) = (try inputs.bytes("stream500-final-v1.bin"), try inputs.bytes("wf500-full-v2.bin"))
    return [
      Workload("wf50: small updates one by one, with events", goal: 20.7 / 3.5) {
        let doc = small.fork(clientID: 1)
        return { try apply(stream, to: doc) }
      },
      Workload("wf50: loaded", goal: 1.67 / 0.5) { loading(wf50) },
      Workload("wf500: loaded", goal: 18.3 / 5) { loading(wf500) },
      Workload("wf500: encoded", goal: 3.3 / 0.6, run: { _ = large.encodeStateAsUpdate() }),
      Workload("wf500: diff for a peer 10 updates behind", goal: 0.38 / 0.01) {
        { _ = edited.encodeStateAsUpdate(since: behind) }
      },
      Workload("wf50: small updates merged without a document", goal: 286 / 5, run: { _ = try Update.merging(stream) }),
      Workload(
        "wf500: diff without a document", goal: 7.9 / 1, run: { _ = try Update.difference(editedBytes, since: behind) }),
      Workload("wf500: loaded from V2", goal: 143 / 8) {
        let doc = Doc()
        return { try doc.apply(large2, format: .v2) }
      },
      Workload("wf500: encoded as V2", goal: 84 / 3, run: { _ = large.encodeStateAsUpdate(format: .v2) }),
      Workload("wf500: as JSON text", goal: 10.2 / 1, run: { _ = large.jsonBytes() }),
    ]
  }

  // MARK: - Steps

  static func loaded(_ update: [UInt8]) throws -> Doc {
    let doc = Doc()
    try doc.apply(update)
    return doc
  }

  private static func loading(_ update: [UInt8]) -> () throws -> Void {
    let doc = Doc()
    return { try doc.apply(update) }
  }

  private static func apply(_ updates: [[UInt8]], to doc: Doc) throws {
    var bytes = 0
    let subscription = doc.observeUpdates { bytes += $0.update.count }
    for update in updates { try doc.apply(update) }
    subscription.cancel()
  }

  private static func author(_ edits: [Inputs.Edit]) throws {
    let doc = Doc(clientID: 1)
    let text = doc.text("text")
    var bytes = 0
    let subscription = doc.observeUpdates { bytes += $0.update.count }
    for edit in edits {
      try doc.transact {
        if edit.deleted > 0 { try text.remove(edit.index..<(edit.index + edit.deleted)) }
        if !edit.inserted.isEmpty { try text.insert(edit.inserted, at: edit.index) }
      }
    }
    subscription.cancel()
  }
}
