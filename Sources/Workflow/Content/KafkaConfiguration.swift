/// The two forms of a Kafka trigger's configuration, and what must never leave the database.
///
/// Rows have lists (`hosts` as pairs, `topics`) and secrets; documents have `hosts_string` ("host:port, host:port"),
/// `topics_string` ("a, b") and no secrets. `Trigger.kafkaConfiguration` holds the document's form.
public enum KafkaConfiguration {
  /// The keys that stay in the database.
  public static let secretKeys: Set<String> = ["username", "password"]

  /// What of a row's configuration a document may show, in the document's form; nil where it is no object.
  /// What is in the document's form already stays as it is.
  public static func documentForm(ofRow row: JSONValue) -> JSONValue? {
    guard var members = row.object else { return nil }
    for key in secretKeys { members[key] = nil }
    if let hosts = members.removeValue(forKey: "hosts"), members["hosts_string"] == nil {
      members["hosts_string"] = .string(joined(hosts: hosts))
    }
    if let topics = members.removeValue(forKey: "topics"), members["topics_string"] == nil {
      members["topics_string"] = .string(joined(topics: topics))
    }
    if let timeout = members["connect_timeout"]?.integer { members["connect_timeout"] = JSONValue(timeout) }
    return .object(members)
  }

  /// A configuration as its row holds it, with the secrets that the row has already.
  public static func rowForm(of configuration: JSONValue, keepingSecretsOf row: JSONValue?) -> JSONValue {
    var members = lists(of: configuration)
    for key in secretKeys { members[key] = row?[key] }
    return .object(members)
  }

  /// A configuration with lists in place of the strings that documents have.
  public static func lists(of configuration: JSONValue) -> [String: JSONValue] {
    var members = configuration.object ?? [:]
    if let text = members.removeValue(forKey: "hosts_string")?.string {
      members["hosts"] = .array(
        pieces(text).map {
          .array($0.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { .string(String($0)) })
        })
    }
    if let text = members.removeValue(forKey: "topics_string")?.string {
      members["topics"] = .array(pieces(text).map { .string(String($0)) })
    }
    return members
  }

  /// Whether the text is a list of `host:port`.
  static func isHostList(_ text: String) -> Bool {
    pieces(text).allSatisfy { piece in
      let parts = piece.split(separator: ":", omittingEmptySubsequences: false)
      return parts.count == 2 && !parts[0].isEmpty && UInt16(parts[1]) != nil
    }
  }

  private static func joined(hosts: JSONValue) -> String {
    (hosts.array ?? []).map { ($0.array ?? [$0]).map(plain).joined(separator: ":") }.joined(separator: ", ")
  }

  private static func joined(topics: JSONValue) -> String {
    (topics.array ?? []).map(plain).joined(separator: ", ")
  }

  private static func plain(_ value: JSONValue) -> String {
    value.string ?? value.text
  }

  private static func pieces(_ text: String) -> [String] {
    text.split(separator: ",").map { String($0).trimmed() }.filter { !$0.isEmpty }
  }
}
