public import Workflow

/// An imported project document: what it says is laid over what is there, by id, and either all of it is right or
/// nothing is done.
///
/// What the document does not mention stays; an entity that is missing from a list that is there is deleted.
public struct ProjectImport: Sendable {
  private let document: JSONValue
  /// The project's id, if the document has a valid one.
  public let projectID: String?
  /// Every id in the document, to be looked up elsewhere.
  public let mentionedIDs: Set<String>

  /// Takes a document as `POST /api/provision` gets it.
  public init(_ document: JSONValue) {
    self.document = document
    projectID = document["id"]?.string.flatMap { DocumentName.isUUID($0) ? $0.lowercased() : nil }
    mentionedIDs = Self.ids(in: document)
  }

  private static func ids(in document: JSONValue) -> Set<String> {
    var ids: Set<String> = []
    for workflow in document["workflows"]?.array ?? [] {
      let lists = [[workflow]] + ["jobs", "triggers", "edges"].map { workflow[$0]?.array ?? [] }
      for entity in lists.joined() {
        if let id = entity["id"]?.string, DocumentName.isUUID(id) { ids.insert(id.lowercased()) }
      }
    }
    return ids
  }

  private static let keys: Set<String> = [
    "id", "name", "description", "workflows", "project_credentials", "collections",
  ]

  /// The project as it is to be. `foreignIDs` are those of `mentionedIDs` that exist in other projects, `now` is the time
  /// of a deletion in ISO 8601. Throws all that is wrong.
  public func applied(
    to existing: ProjectContent?, foreignIDs: Set<String>, now: String
  ) throws(ImportErrors) -> ProjectContent {
    var node = ImportNode(document, keys: Self.keys)
    guard let id = node.id else { throw rootErrors(node) }
    var project = existing ?? ProjectContent(id: id, name: "")
    node.read("name", into: &project.name)
    node.read("description", into: &project.description)
    checkName(project.name, &node)
    checkCredentials(project, &node)
    readCollections(&project, &node)
    let workflows = node.list("workflows") ?? []
    var errors = node.errors
    for workflow in workflows {
      var reader = WorkflowImport(workflow, foreignIDs: foreignIDs, now: now)
      reader.apply(to: &project)
      errors.add("workflows", reader.label, reader.errors)
    }
    guard errors.isEmpty else { throw errors }
    return project
  }

  private func rootErrors(_ node: ImportNode) -> ImportErrors {
    var node = node
    checkName(document["name"]?.string ?? "", &node)
    return node.errors
  }

  private func checkName(_ name: String, _ node: inout ImportNode) {
    if name.isEmpty {
      node.add("name", "can't be blank")
    } else if !name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }) {
      node.add("name", "has invalid format: lower-case letters, digits and hyphens are possible")
    }
  }

  /// Credentials are attached in the application, never by an import; one may name what is attached.
  private func checkCredentials(_ project: ProjectContent, _ node: inout ImportNode) {
    for credential in node.list("project_credentials") ?? [] {
      let name = credential["name"]?.string ?? ""
      let isAttached = project.credentials.contains {
        $0.id == credential["id"]?.string?.lowercased() || ($0.name == name && $0.owner == credential["owner"]?.string)
      }
      if !isAttached { node.add("project_credentials", "No credential found with name \(name)") }
    }
  }

  private func readCollections(_ project: inout ProjectContent, _ node: inout ImportNode) {
    for json in node.list("collections") ?? [] {
      var entry = ImportNode(json, keys: ["id", "name", "delete"])
      guard let id = entry.id else {
        node.add("collections", json["name"]?.string ?? "", entry.errors)
        continue
      }
      let index = project.collections.firstIndex { $0.id == id }
      if entry.isDelete, let index {
        project.collections.remove(at: index)
      } else {
        var collection = index.map { project.collections[$0] } ?? ProjectCollection(id: id, name: "")
        entry.read("name", into: &collection.name)
        if collection.name.isEmpty { entry.add("name", "can't be blank") }
        if let index { project.collections[index] = collection } else { project.collections.append(collection) }
      }
      node.add("collections", json["name"]?.string ?? id, entry.errors)
    }
  }
}
