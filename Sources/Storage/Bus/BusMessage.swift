/// What nodes tell each other. Each is a hint: it may be lost, repeated, late, out of order, and come from anybody who reaches
/// the bus.
enum BusMessage: Hashable, Sendable {
  /// Logs of documents reach up to these numbers.
  case grew([DocumentGrowth])
  /// More has happened than can be told: look at the documents that are open.
  case look
  /// What members of a node show of themselves in a document, as an awareness update.
  case shown([UInt8], in: String)
  /// A node has opened a document and asks what the members of others show.
  case whoIsThere(String)
  /// A node has started.
  case came
  /// A node ends, and its members are gone from it.
  case left

  /// The document that it is about; nil where it is about none or several.
  var document: String? {
    switch self {
    case .grew(let growth): growth.count == 1 ? growth[0].workflowID : nil
    case .shown(_, let id), .whoIsThere(let id): id
    case .look, .came, .left: nil
    }
  }
}

/// How far a document's log is known to reach.
public struct DocumentGrowth: Hashable, Sendable {
  public var workflowID: String
  public var sequence: Int64

  public init(workflowID: String, sequence: Int64) {
    self.workflowID = workflowID
    self.sequence = sequence
  }
}
