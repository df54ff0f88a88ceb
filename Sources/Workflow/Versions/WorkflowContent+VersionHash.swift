extension WorkflowContent {
  /// What tells two versions of a workflow apart: twelve hexadecimal digits, the beginning of the SHA-256 of the values that
  /// a version consists of. Protocol/storage.md says it to the byte. O(size of the workflow).
  public var versionHash: String { String(SHA256.hexadecimal(versionText).prefix(12)) }

  /// All values one behind the other, without anything between them.
  var versionText: [UInt8] {
    let names = Dictionary(jobs.map { ($0.id, $0.name) }) { first, _ in first }
    let types = Dictionary(triggers.map { ($0.id, $0.type) }) { first, _ in first }
    var text = Array(name.utf8)
    if let positions, !positions.isEmpty { text += JSONValue.object(positions).roundedUp.serialized() }
    text += triggers.map { ($0.type.utf8.map(\.self), $0.versionText) }.inOrder
    text += jobs.map { ($0.name.plainlyLowercased, $0.versionText) }.inOrder
    text +=
      edges.map { edge in
        let name = edge.versionName(jobs: names, triggers: types)
        return (Array(name.utf8), edge.versionText(name: name))
      }.inOrder
    return text
  }
}

extension Trigger {
  fileprivate var versionText: [UInt8] { .joined([cronExpression, enabled ? "true" : "false", type]) }
}

extension Job {
  fileprivate var versionText: [UInt8] { .joined([adaptor, body, keychainCredentialID, name, projectCredentialID]) }
}

extension Edge {
  /// What it leads from, a trigger's type or a job's name, and the name of the job that it leads to.
  fileprivate func versionName(jobs: [String: String], triggers: [String: String]) -> String {
    let source = sourceTriggerID.flatMap { triggers[$0] } ?? sourceJobID.flatMap { jobs[$0] } ?? ""
    return "\(source)-\(targetJobID.flatMap { jobs[$0] } ?? "")"
  }

  fileprivate func versionText(name: String) -> [UInt8] {
    .joined([conditionExpression, conditionLabel, conditionType, enabled ? "true" : "false", name])
  }
}

extension [UInt8] {
  /// What is not set is nothing.
  fileprivate static func joined(_ values: [String?]) -> [UInt8] { values.flatMap { Array(($0 ?? "").utf8) } }
}

extension [(key: [UInt8], text: [UInt8])] {
  /// The texts by their keys, and where those are the same by themselves.
  fileprivate var inOrder: [UInt8] {
    sorted { a, b in
      a.key == b.key ? a.text.lexicographicallyPrecedes(b.text) : a.key.lexicographicallyPrecedes(b.key)
    }.flatMap(\.text)
  }
}

extension String {
  /// In lower case scalar by scalar, whatever is around it.
  fileprivate var plainlyLowercased: [UInt8] {
    unicodeScalars.flatMap { Array($0.properties.lowercaseMapping.utf8) }
  }
}

extension JSONValue {
  /// With every number in it the next whole one.
  fileprivate var roundedUp: JSONValue {
    switch self {
    // Without a minus in front of zero.
    case .number(let number): .number(number.rounded(.up) + 0)
    case .array(let elements): .array(elements.map(\.roundedUp))
    case .object(let members): .object(members.mapValues(\.roundedUp))
    default: self
    }
  }
}
