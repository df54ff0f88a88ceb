/// A moment in the history of a document: what had arrived, and what of it was deleted.
///
/// It holds no content. What the document showed then can be had from any later state in which nothing of it was
/// collected as garbage; see ``Doc/restored(at:collectsGarbage:)``.
public struct Snapshot: Hashable, Sendable {
  /// How much of each client's work had arrived.
  public var stateVector: StateVector
  /// What of it was deleted.
  public var deleteSet: IdSet

  /// The empty document.
  public init() {
    self.init(stateVector: StateVector(), deleteSet: IdSet())
  }

  /// The moment at which this had arrived, and that of it was deleted.
  public init(stateVector: StateVector, deleteSet: IdSet) {
    self.stateVector = stateVector
    self.deleteSet = deleteSet
  }

  /// Whether a unit was there and was not deleted.
  public func shows(_ id: ID) -> Bool {
    id.clock < stateVector[id.client] && !deleteSet.contains(id)
  }

  /// Whether everything an update V1 says had arrived: what it adds, and what it deletes.
  public func contains(_ update: [UInt8], limits: DocLimits = DocLimits()) throws(UpdateError) -> Bool {
    try update.read { (reader) throws(UpdateError) in
      var decoded = DecodedUpdate()
      try decoded.decode(&reader, limits: limits)
      for number in 0..<UInt32(decoded.structs.count) {
        let wire = decoded.structs[number]
        if wire.end > stateVector[wire.client] { return false }
      }
      var ranges: [ClientID: [Range<UInt64>]] = [:]
      for number in 0..<UInt32(decoded.deletions.count) {
        let deletion = decoded.deletions[number]
        ranges[deletion.client, default: []].append(deletion.clock..<deletion.clock + deletion.length)
      }
      var deletions = IdSet(collected: ranges)
      deletions.subtract(deleteSet)
      return deletions.isEmpty
    }
  }
}

/// Why the content of a snapshot cannot be shown.
public enum SnapshotError: Error, Hashable, Sendable {
  /// The snapshot knows more than the document.
  case unknownState
  /// Something it shows was deleted since and collected as garbage; `id` is the first unit found. Documents that are to
  /// show their past are made with garbage collection off.
  case collected(ID)
}

extension SnapshotError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownState: "the snapshot is of a state that the document has not reached"
    case .collected(let id): "unit \(id.clock) of client \(id.client) was collected as garbage"
    }
  }
}
