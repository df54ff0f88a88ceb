extension Store {
  /// What this server is called among those of its database.
  public var nodeID: String { id }

  /// How this server stands among others; nil where it is none of several.
  public var nodesStatus: NodesStatus? { nodes?.status }

  /// Whether there are other servers, as far as is known.
  public var hasNeighbours: Bool { nodes?.registry.hasOthers ?? false }

  /// Sets who is told what other servers say.
  public func onNodeNews(_ handler: @escaping @Sendable (NodeNews) -> Void) { nodes?.setNewsHandler(handler) }

  /// Says where this server can be reached.
  public func setNodeAddress(_ address: String) { nodes?.registry.setAddress(address) }

  /// A document is open here from now on, or not any more: so that it is heard of, and looked after.
  public func follow(_ workflowID: String, _ isOpen: Bool) { nodes?.bus.follow([workflowID], isOpen) }

  /// Tells other servers what members show of themselves in a document, as an awareness update.
  public func show(_ update: [UInt8], in workflowID: String) { nodes?.publish(.shown(update, in: workflowID)) }

  /// Asks other servers what their members show in a document.
  public func askWhoIsThere(in workflowID: String) { nodes?.publish(.whoIsThere(workflowID)) }

  /// Has `body` called, on another thread, when it is time to tell others what members show.
  public func requestTurn(_ body: @escaping @Sendable () -> Void) { nodes?.bus.requestTurn(body) }

  /// Takes on nothing new, because this server is about to end.
  public func retire() {
    guard let nodes else { return }
    nodes.retire()
    commitWork({ (_: Result<Void, any Error>) in }) { try Claims.release(node: nodes.id, $0) }
  }

  /// The servers of this database that are there.
  public func readNodes(_ completion: @escaping Completion<[NodeRecord]>) {
    let age = configuration.presenceAge
    read(completion) { try NodeTable.list(presenceAge: age, $0) }
  }
}
