import Storage
import Workflow

/// What `heddle doctor` says of whether what is stored of documents fits together.
struct DocumentAudits {
  let store: Store
  private static let advice =
    "Protocol/storage.md says what each kind means; 'heddle record' takes out what its room did"

  /// What audits of servers have found and not found gone.
  func known() throws -> [Finding] {
    try store.wait { store.readDifferences($0) }.map { Self.finding($0.difference, since: $0.foundAt) }
  }

  /// Looks at all documents now.
  func findings() throws -> [Finding] {
    let ids = try store.wait { store.documentIDs($0) }
    var findings: [Finding] = []
    for (done, id) in ids.enumerated() {
      Progress.show("\(done) of \(ids.count) documents audited")
      findings += audit(id)
    }
    Progress.end()
    let text = "\(ids.count) documents audited, \(findings.count) findings"
    return findings + [Finding("audit", findings.map(\.severity).max() ?? .ok, text)]
  }

  private func audit(_ id: String) -> [Finding] {
    let result = Result { try store.wait { store.audit(DocumentName(workflowID: id), $0) } }
    switch result {
    case .success(let found): return found.map { Self.finding($0) }
    case .failure(let error):
      return [Finding("audit", .warning, "workflow:\(id) was not audited: \(error)")]
    }
  }

  private static func finding(_ difference: DocumentDifference, since: String? = nil) -> Finding {
    let found = since.map { ", found \($0)" } ?? ""
    return Finding(
      "audit", .failure,
      "workflow:\(difference.workflowID) \(difference.kind.rawValue): \(difference.detail)\(found)", advice: advice)
  }
}
