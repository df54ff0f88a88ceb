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
  /// Whether the map shows exactly this, found out in the fastest way; false means to look closer.
  func isPlainly(in map: YMap) -> Bool
  /// Adds it to a document that does not have it.
  func append(to doc: Doc) throws(YError) -> YMap
}

extension Job: Entity {
  func isPlainly(in map: YMap) -> Bool {
    map["body"]?.text?.isSpelled(body) == true && map.shows(name, "name") && map.shows(adaptor, "adaptor")
      && map.shows(projectCredentialID, "project_credential_id")
      && map.shows(keychainCredentialID, "keychain_credential_id")
  }

  static var collection: String { WorkflowDocument.jobsRoot }
  func append(to doc: Doc) throws(YError) -> YMap { try WorkflowDocument.append(self, to: doc) }
}

extension Trigger: Entity {
  func isPlainly(in map: YMap) -> Bool { false }
  static var collection: String { WorkflowDocument.triggersRoot }
  func append(to doc: Doc) throws(YError) -> YMap { try WorkflowDocument.append(self, to: doc) }
}

extension Edge: Entity {
  func isPlainly(in map: YMap) -> Bool {
    guard case .value(.bool(enabled))? = map["enabled"] else { return false }
    return map.shows(sourceJobID, "source_job_id") && map.shows(sourceTriggerID, "source_trigger_id")
      && map.shows(targetJobID, "target_job_id") && map.shows(conditionType, "condition_type")
      && map.shows(conditionExpression, "condition_expression") && map.shows(conditionLabel, "condition_label")
  }

  static var collection: String { WorkflowDocument.edgesRoot }
  func append(to doc: Doc) throws(YError) -> YMap { try WorkflowDocument.append(self, to: doc) }
}

/// An entity's fields in the form in which they are compared.
struct CanonicalEntity: Hashable {
  private var fields: [String: JSONValue]

  init(_ fields: [String: JSONValue]) {
    self.fields = fields.compactMapValues(\.canonical)
    if let body = self.fields["body"]?.string { self.fields["body"] = .string(body.withPlainLineEndings) }
  }
}

extension YMap {
  fileprivate func shows(_ text: String?, _ key: String) -> Bool {
    if let text { return holds(text, at: key) }
    return switch self[key] {
    case .value(.null), nil: true
    default: false
    }
  }
}
