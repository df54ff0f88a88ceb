public import Workflow

// Whether what is stored fits together.
extension Store {
  /// Looks at one document now. What does not fit is noted, too; nothing else is changed.
  public func audit(_ name: DocumentName, _ completion: @escaping Completion<[DocumentDifference]>) {
    let limit = configuration.maximumAuditBytes
    read(completion) { try Auditor.differences(of: name.workflowID, maximumBytes: limit, $0) }
  }

  /// The differences that audits of any server found and that are not gone, newest first.
  public func readDifferences(limit: Int = 200, _ completion: @escaping Completion<[KnownDifference]>) {
    read(completion) { try AuditRecords.list(limit: limit, $0) }
  }

  /// Sets who is told of each difference that an audit of this server finds.
  public func onDifference(_ handler: @escaping @Sendable (DocumentDifference) -> Void) {
    auditor.setHandler(handler)
  }
}
