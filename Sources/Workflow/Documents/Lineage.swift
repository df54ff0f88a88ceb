public import YCRDT

/// What tells one history of a document from the others that the workflow's document has had.
///
/// Everything in a document builds on its first update, so whoever has anything of a history knows the client that wrote
/// that update: the history's root. States of two histories are never merged: both hold the whole workflow, each in items
/// of its own, and together they would show it twice.
public struct Lineage: Hashable, Codable, Sendable {
  /// Counts the histories of the workflow's document from 1 on.
  public var epoch: Int64
  /// Differs each time that the document is made, even where the same history begins anew.
  public var incarnation: Int64
  /// The client id that the first update was written under.
  public var root: ClientID
  /// The roots of the histories that this one replaced.
  public var earlierRoots: Set<ClientID>

  public init(epoch: Int64, incarnation: Int64 = 1, root: ClientID, earlierRoots: Set<ClientID> = []) {
    self.epoch = epoch
    self.incarnation = incarnation
    self.root = root
    self.earlierRoots = earlierRoots.subtracting([root])
  }

  /// Where a client comes from, as far as its state vector tells.
  public enum Origin: Hashable, Codable, Sendable {
    /// It is empty, or has something of this history and of no other.
    case kin
    /// It has something of an earlier history.
    case foreign
    /// It has something, and nothing of this history. What that is tells more.
    case unknown
  }

  /// Where a client with this state comes from.
  public func origin(of state: StateVector) -> Origin {
    if earlierRoots.contains(where: { state[$0] > 0 }) { return .foreign }
    return state.isEmpty || state[root] > 0 ? .kin : .unknown
  }

  /// Whether an update brings a document of its own instead of edits of `doc`, which is of this history.
  ///
  /// It does where it has something of an earlier root, or writes the workflow's `id`, as only the first update of a document
  /// does. Of a client of unknown origin also where it adds what the document has already: somebody who wrote before he had
  /// seen the document may add to it, and may not add it a second time.
  public func isForeign(_ update: [UInt8], to doc: Doc, from origin: Origin) -> Bool {
    guard let clocks = try? Update.clocks(of: update) else { return false }
    let known = doc.stateVector
    let news = clocks.keys.filter { known[$0] == 0 }
    guard !news.isEmpty else { return false }
    if news.contains(where: earlierRoots.contains) { return true }
    let alone = Doc()
    guard (try? alone.apply(update)) != nil else { return false }
    // Where two histories met, one has deleted the other's.
    if alone.map(WorkflowDocument.workflowRoot).wasEverSet("id") { return true }
    guard origin == .unknown else { return false }
    return !WorkflowDocument.entityIDs(of: alone).isDisjoint(with: WorkflowDocument.entityIDs(of: doc))
  }
}

extension WorkflowDocument {
  /// The ids of the jobs, triggers and edges that a document shows.
  public static func entityIDs(of doc: Doc) -> Set<String> {
    var ids: Set<String> = []
    for root in [jobsRoot, triggersRoot, edgesRoot] {
      for element in doc.array(root).elements {
        if let id = element.map?["id"]?.value?.string { ids.insert(id) }
      }
    }
    return ids
  }
}
