import Rooms
import Workflow
import YCRDT

/// What must hold.
extension Simulation {
  /// A save never takes away what somebody else has written to the rows.
  func checkSave(before: WorkflowContent, after: WorkflowContent) {
    guard !options.hasResets else { return }
    let tokens = [before, after].map { content in
      Set(content.jobs.filter { $0.id == Plot.textJob }.flatMap { Plot.tokens(in: $0.body) })
    }
    for token in tokens[0].subtracting(tokens[1]).sorted() { fail("a save removed \(token) from the rows") }
  }

  /// At rest: all see the same, which is what the log holds, and all that was written is in it.
  func check() throws {
    let rebuilt = try store.contents.rebuilt()
    guard let content = try? WorkflowDocument.extract(rebuilt) else { return fail("the log holds no workflow") }
    for member in members {
      if (try? WorkflowDocument.extract(member.doc)) != content {
        fail("member \(member.id) sees something else than the store")
      }
      if member.doc.stateVector != rebuilt.stateVector { fail("member \(member.id) has another state vector") }
    }
    for node in nodes { for failure in node.failures { fail(failure) } }
    for fault in ledger.faults(in: content, mayLackUnsaved: options.hasResets) { fail(fault) }
    checkBase()
    checkIdentities(rebuilt)
  }

  private func checkBase() {
    guard let base = store.contents.document?.base else { return fail("there is no document") }
    if base.revision != store.contents.rows.revision { fail("the document was not reconciled with the last write") }
    if base.lockVersion != store.contents.rows.lockVersion { fail("the base is of another version than the rows") }
    if !base.content.isSame(as: store.contents.rows.content) { fail("the base is not what the rows hold") }
  }

  private func checkIdentities(_ doc: Doc) {
    for root in ["jobs", "edges", "triggers"] {
      let ids = doc.array(root).elements.compactMap { $0.map?["id"]?.value?.string }
      if Set(ids).count != ids.count { fail("\(root) has an entity twice") }
    }
  }

  /// After a save with nobody editing: rows and document say the same, in the version that everybody sees.
  func checkSaved() throws {
    let doc = try store.contents.rebuilt()
    guard let content = try? WorkflowDocument.extract(doc) else { return }
    if !content.isSame(as: store.contents.rows.content) { fail("a save left document and rows different") }
    if WorkflowDocument.lockVersion(of: doc) != store.contents.rows.lockVersion {
      fail("the document shows another version")
    }
    if WorkflowDocument.deletedAt(of: doc) != nil { fail("the document says that it is deleted") }
    if content != content.withoutDanglingReferences() { fail("a reference leads nowhere") }
  }
}
