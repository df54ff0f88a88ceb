import Workflow
import YCRDT

/// What jobs, triggers and edges have in common for the merge: an id, and fields as the document has them.
protocol Entity: Equatable {
  /// The document's root, and the first component of the path of everything in it.
  static var collection: String { get }
  var id: String { get }
  var fields: [String: JSONValue] { get }
  /// Reads fields as tolerantly as documents need it.
  init(id: String, fields: [String: JSONValue])
  /// Adds it to a document that does not have it.
  func append(to doc: Doc) throws(YError) -> YMap
}

extension Job: Entity {
  static var collection: String { WorkflowDocument.jobsRoot }
  func append(to doc: Doc) throws(YError) -> YMap { try WorkflowDocument.append(self, to: doc) }
}

extension Trigger: Entity {
  static var collection: String { WorkflowDocument.triggersRoot }
  func append(to doc: Doc) throws(YError) -> YMap { try WorkflowDocument.append(self, to: doc) }
}

extension Edge: Entity {
  static var collection: String { WorkflowDocument.edgesRoot }
  func append(to doc: Doc) throws(YError) -> YMap { try WorkflowDocument.append(self, to: doc) }
}

/// An entity's fields in the form in which they are compared.
struct CanonicalEntity: Equatable {
  private var fields: [String: JSONValue]

  init(_ fields: [String: JSONValue]) {
    self.fields = fields.compactMapValues(\.canonical)
    if let body = self.fields["body"]?.string { self.fields["body"] = .string(body.withPlainLineEndings) }
  }
}
