public import Workflow

// What documents were.
extension Store {
  /// A document as it is when everything that was appended before is committed; nil where nobody has opened it yet.
  public func readCommitted(_ name: DocumentName, _ completion: @escaping Completion<StoredDocument?>) {
    afterAppends(to: name, completion) { [self] in
      read(completion) { try DocumentReader.read(name, $0) }
    }
  }

  /// A document as the entry `sequence` of its log left it, with at most `limit` of the entries behind it; nil where there is
  /// no such document.
  public func readLogSection(
    _ name: DocumentName, from sequence: Int64, limit: Int, _ completion: @escaping Completion<LogSection?>
  ) {
    read(completion) { try LogHistory.section(of: name, from: sequence, limit: limit, $0) }
  }

  /// How far the logs of documents go; of those that nobody has opened yet nothing.
  public func readLogEnds(_ names: [DocumentName], _ completion: @escaping Completion<[DocumentName: LogEnd]>) {
    read(completion) { try LogHistory.ends(of: names, $0) }
  }
}
