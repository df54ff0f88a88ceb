import Reconciliation
import Rooms
import Storage
import Workflow
import YCRDT

/// The live document with the version that it is.
enum CurrentDocument {
  /// Reads a document; `completion` is called on the loop. While its room is ahead of the log, or behind, it is read from the
  /// log, with everything that the room has by now. Where that cannot be had the room's answer has no version.
  static func read(
    _ name: DocumentName, _ gateway: Gateway, _ completion: @escaping (Room.Reply) -> Void
  ) {
    gateway.directory.ask(name, .read) { reply in
      guard case .live(let shown) = reply, shown.version == nil else { return completion(reply) }
      let waiting = Confined(completion)
      let (loop, worker, policy) = (gateway.loop, gateway.worker, gateway.configuration.room.policy)
      gateway.store.readCommitted(name) { result in
        worker.async {
          let stored = (try? result.get()).flatMap { $0 }.flatMap { LiveWorkflow($0, policy) }
          loop.execute { waiting.value(.live(stored ?? shown)) }
        }
      }
    }
  }
}

extension LiveWorkflow {
  /// What a stored document shows; nil where it cannot be read.
  fileprivate init?(_ stored: StoredDocument, _ policy: Policy) {
    let doc = Doc()
    do {
      if let checkpoint = stored.checkpoint { try doc.apply(checkpoint) }
      for update in stored.updates { try doc.apply(update) }
      let content = try WorkflowDocument.extract(doc)
      self.init(
        content: content, lockVersion: stored.base.lockVersion, deletedAt: WorkflowDocument.deletedAt(of: doc),
        isDirty: stored.newInProject != nil || Reconciler(policy: policy).isDirty(doc, base: stored.base),
        version: DocumentVersion(
          incarnation: stored.lineage.incarnation, sequence: stored.lastSequence, content: content,
          revision: stored.base.revision))
    } catch {
      return nil
    }
  }
}
