import Workflow

/// Why somebody may not join a topic, or is not understood in it.
struct PhoenixRefusal: Error, Equatable {
  let reason: String

  init(_ reason: String) {
    self.reason = reason
  }

  static let unmatchedTopic = PhoenixRefusal("unmatched topic")
  static let unauthorized = PhoenixRefusal("unauthorized")
  static let noProject = PhoenixRefusal("project not found")
  static let noWorkflow = PhoenixRefusal("workflow not found")

  var json: JSONValue { ["reason": .string(reason)] }
}

/// What a client wants that joins a topic: `workflow:collaborate:<uuid>`, or a saved version of that.
struct PhoenixJoin {
  private static let prefix = "workflow:collaborate:"

  /// What the topic says behind the prefix.
  private let rest: String

  /// Nil for topics that there are none of.
  init?(topic: String) {
    guard topic.hasPrefix(Self.prefix) else { return nil }
    rest = String(topic.dropFirst(Self.prefix.count))
  }

  /// The document; nil where the topic names none.
  var name: DocumentName? { DocumentName("workflow:" + rest) }

  /// With which project, and how, a client joins.
  struct Parameters {
    let projectID: String
    let action: String

    init(_ payload: JSONValue) throws(PhoenixRefusal) {
      guard let project = payload["project_id"]?.string, let action = payload["action"]?.string else {
        throw PhoenixRefusal("invalid parameters. project_id and action are required")
      }
      guard DocumentName.isUUID(project) else { throw .noProject }
      projectID = project.lowercased()
      self.action = action
    }

    /// Whether the client makes a workflow that may not have been saved yet.
    var isNew: Bool { action == "new" }
  }

  /// Whether it is meant to be a saved version, whatever stands for its number.
  var isVersion: Bool {
    let parts = rest.split(separator: ":", maxSplits: 1)
    return parts.count == 2 && DocumentName.isUUID(parts[0]) && parts[1].hasPrefix("v")
  }
}
