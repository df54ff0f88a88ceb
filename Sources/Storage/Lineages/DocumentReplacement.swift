public import Workflow
public import YCRDT

/// A document whose history is about to be replaced.
public struct ReplacedDocument {
  /// The client id under which servers will write to the new history.
  public let author: ClientID
  public let rows: WorkflowRows
  /// What is stored, as far as it can be read; some of it may be there twice.
  public let updates: [[UInt8]]
  /// Why not all of it can be read; nil where it can.
  public let damage: String?
  /// What rows and document last agreed on; nil where that is lost.
  public let base: Base?
  /// Makes the first update of a history that none before began with, and its epoch, from a state of the rows.
  public let begin: (WorkflowRows) throws -> (epoch: Int64, seed: DocumentSeed)
}

/// The history that takes the place of another.
public struct DocumentReplacement {
  /// What notifications of it begin with; the id of the workflow follows.
  static let notification = "replaced:"

  public var epoch: Int64
  public var root: ClientID
  /// The document, to which the server has written as its author.
  public var doc: Doc
  /// What rows and document agree on.
  public var base: Base
  /// How the old history ended, as far as it could be read.
  public var ended: Doc
  /// Why not all of the updates could be applied; nil where they could. Then what is stored of them is kept as it is.
  public var damage: String?
  /// Whether everything that the old one showed is in the new one. Where it is not, that becomes a branch.
  public var isComplete: Bool

  public init(epoch: Int64, root: ClientID, doc: Doc, base: Base, ended: Doc, damage: String? = nil, isComplete: Bool) {
    self.epoch = epoch
    self.root = root
    self.doc = doc
    self.base = base
    self.ended = ended
    self.damage = damage
    self.isComplete = isComplete
  }
}
