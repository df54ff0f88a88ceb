import Storage
import Workflow
import YCRDT

/// Looks whether every stored document can be read, one after the other.
struct DocumentExamination {
  let store: Store

  func findings() throws -> [Finding] {
    let ids = try store.wait { store.documentIDs($0) }
    var findings: [Finding] = []
    for (done, id) in ids.enumerated() {
      Progress.show("\(done) of \(ids.count) documents")
      guard let damage = damage(of: DocumentName(workflowID: id)) else { continue }
      findings.append(
        Finding(
          "documents", .failure, "workflow:\(id) cannot be read: \(damage)",
          advice: "'heddle doctor --renew \(id)' gives it a new history of what can be read"))
    }
    Progress.end()
    let text = "\(ids.count) documents, \(findings.count) cannot be read"
    return findings + [Finding("documents", findings.isEmpty ? .ok : .failure, text)]
  }

  private func damage(of name: DocumentName) -> String? {
    do {
      guard let stored = try store.wait({ store.readDocument(name, $0) }) else { return "it has a log and no head" }
      let doc = Doc()
      for update in (stored.checkpoint.map { [$0] } ?? []) + stored.updates { try doc.apply(update) }
      _ = try WorkflowDocument.extract(doc)
      return nil
    } catch {
      return "\(error)"
    }
  }
}
