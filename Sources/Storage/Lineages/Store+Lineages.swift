public import Workflow

extension Store {
  /// Keeps what a client of another history brought, if nobody has it yet.
  public func keepBranch(
    _ draft: BranchDraft, _ completion: @escaping @Sendable (Result<BranchOutcome, any Error>) -> Void
  ) {
    let (bytes, open) = (configuration.maximumBranchBytes, configuration.maximumOpenBranches)
    // Once more, it finds everything there.
    commitWork(completion) {
      try BranchKeeper(draft: draft, maximumBytes: bytes, maximumOpen: open, connection: $0).run()
    }
  }

  /// The branches of a workflow, oldest first: all, those of a status, or the one of a number.
  public func readBranches(
    _ workflowID: String, status: BranchRecord.Status? = nil, number: Int64? = nil,
    _ completion: @escaping Completion<[BranchRecord]>
  ) {
    read(completion) { try Branches.records(of: workflowID, status: status, number: number, $0) }
  }

  /// Lets go of what a branch holds that is not merged; false where people have gone on writing in it meanwhile.
  public func discardBranch(
    _ branch: BranchRecord, of workflowID: String, by actor: Actor,
    _ completion: @escaping @Sendable (Result<Bool, any Error>) -> Void
  ) {
    commitWork(completion) { try Branches.discard(branch, of: workflowID, by: actor, $0) }
  }

  /// The workflows that have a document, or remains of one.
  public func documentIDs(_ completion: @escaping Completion<[String]>) {
    read(completion) { try Lineages.documentIDs($0) }
  }

  /// A live document as it is stored; nil where there is none.
  public func readDocument(_ name: DocumentName, _ completion: @escaping Completion<StoredDocument?>) {
    read(completion) { try DocumentReader.read(name, $0) }
  }

  /// Begins a new history of a document: `body` makes it of what there is. Servers that have the document open are told, and
  /// refused what they still write to the old one.
  ///
  /// `body` runs on a thread of the store, inside the transaction, perhaps more than once; what it throws comes back. Returns
  /// false where there is no such workflow, or it is deleted.
  public func replaceDocument(
    _ name: DocumentName, _ body: @escaping @Sendable (ReplacedDocument) throws -> DocumentReplacement,
    _ completion: @escaping @Sendable (Result<Bool, any Error>) -> Void
  ) {
    let limit = configuration.maximumBranchBytes
    commitWork(completion) { connection in
      try ReplacementTransaction(name: name, maximumBytes: limit, connection: connection, body: body).run()
    }
  }
}
