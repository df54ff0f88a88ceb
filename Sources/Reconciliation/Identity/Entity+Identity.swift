import Workflow

extension Entity {
  /// Whether there is a text by whose likeness entities can be known; others are equal or not.
  static var hasBody: Bool { Self.self == Job.self }

  /// What the policy's key consists of; nil where nothing of it is set.
  func naturalKey(_ key: [String]) -> [JSONValue?]? {
    let fields = fields
    let values = key.map { fields[$0]?.canonical }
    return values.allSatisfy { $0 == nil } ? nil : values
  }

  /// Content that two entities do not have by chance; nil where there is none.
  var tellingContent: CanonicalEntity? {
    guard let job = self as? Job else { return CanonicalEntity(fields) }
    guard job.body.utf16.count >= Lines.tellingLength else { return nil }
    return CanonicalEntity(["body": .string(job.body)])
  }

  /// The lines of a job's body.
  var lines: Lines { Lines((self as? Job)?.body ?? "") }
}
