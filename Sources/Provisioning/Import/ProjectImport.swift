public import Workflow

/// An imported project document: what it says is laid over what is there, by id, and either all of it is right or
/// nothing is done.
///
/// What the document does not mention stays; a job, trigger or edge that is missing from a list that is there is deleted.
public struct ProjectImport: Sendable {
  /// What is imported.
  enum Source: Sendable {
    case document(JSONValue)
    case file(FileSource)
  }

  let source: Source
  /// The project's id, if the document has a valid one.
  public let projectID: String?
  /// Which credentials it may attach to the project.
  public var credentialRule = CredentialRule.anybodys
  /// Every id in the document, to be looked up elsewhere.
  public let mentionedIDs: Set<String>

  /// Takes a document as `POST /api/provision` gets it.
  public init(_ document: JSONValue) {
    self.init(.document(document), projectID: Self.id(of: document), mentionedIDs: Self.ids(in: document))
  }

  init(_ source: Source, projectID: String?, mentionedIDs: Set<String>) {
    self.source = source
    self.projectID = projectID
    self.mentionedIDs = mentionedIDs
  }

  static func id(of json: JSONValue) -> String? {
    json["id"]?.string.flatMap { DocumentName.isUUID($0) ? $0.lowercased() : nil }
  }

  private static func ids(in document: JSONValue) -> Set<String> {
    let lists = ["workflows", "project_credentials", "collections"].map { document[$0]?.array ?? [] }
    var ids = Set(lists.joined().compactMap(id))
    for workflow in lists[0] {
      for list in ["jobs", "triggers", "edges"] { ids.formUnion((workflow[list]?.array ?? []).compactMap(id)) }
    }
    return ids
  }

  private static let keys: Set<String> = [
    "id", "name", "description", "workflows", "project_credentials", "collections",
  ]
  /// Settings of a project that exports of other systems carry.
  private static let tolerated: Set<String> = [
    "allow_support_access", "color", "concurrency", "dataclip_retention_period", "env", "history_retention_period",
    "parent_id", "requires_mfa", "retention_policy", "scheduled_deletion",
  ]

  /// The project as it is to be: equal to `existing` where the document says nothing new.
  ///
  /// `foreignIDs` are those of `mentionedIDs` that exist in other projects, `now` is the time of a deletion in ISO 8601.
  /// Throws all that is wrong at once. O(size of the project).
  public func applied(
    to existing: ProjectContent?, foreignIDs: Set<String>, now: String
  ) throws(ImportErrors) -> ProjectContent {
    switch source {
    case .document(let document):
      try applied(document, to: existing, foreignIDs: foreignIDs, now: now)
    case .file(let file):
      try applied(file, to: existing, foreignIDs: foreignIDs, now: now)
    }
  }

  func applied(
    _ document: JSONValue, to existing: ProjectContent?, foreignIDs: Set<String>, now: String
  ) throws(ImportErrors) -> ProjectContent {
    var node = ImportNode(document, keys: Self.keys, tolerated: Self.tolerated)
    var project = existing ?? ProjectContent(id: node.id ?? "", name: "")
    node.read("name", into: &project.name)
    node.read("description", into: &project.description)
    node.checkText(project.description, for: "description")
    if project.name != existing?.name { checkName(project.name, &node) }
    attachCredentials(to: &project, foreignIDs, &node)
    readCollections(of: &project, foreignIDs, &node)
    readWorkflows(of: &project, foreignIDs, now, &node)
    guard node.errors.isEmpty else { throw node.errors }
    return project
  }

  private func checkName(_ name: String, _ node: inout ImportNode) {
    if name.isEmpty {
      node.add("name", "can't be blank")
    } else if !name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }) {
      node.add("name", "has invalid format: lower-case letters, digits and hyphens are possible")
    } else if name.utf8.count > 255 {
      node.add("name", "should be at most 255 character(s)")
    }
  }

  // MARK: Workflows

  private func readWorkflows(
    of project: inout ProjectContent, _ foreignIDs: Set<String>, _ now: String, _ node: inout ImportNode
  ) {
    let owners = IDOwners(of: project, foreign: foreignIDs)
    let credentialIDs = Set(project.credentials.map(\.id))
    var imports: [WorkflowImport] = []
    var indices = Dictionary(project.workflows.enumerated().map { ($1.content.id, $0) }) { first, _ in first }
    var seen: Set<String> = []
    for json in node.list("workflows") ?? [] {
      let id = Self.id(of: json)
      let index = id.flatMap { indices[$0] }
      let known = index.map { project.workflows[$0] }
      // Deleting what is deleted already changes nothing.
      if known?.deletedAt != nil, json == ["id": .string(id ?? ""), "delete": true] { continue }
      var workflow = WorkflowImport(
        json, known: known.flatMap { $0.deletedAt == nil ? $0 : nil }, owners: owners, credentialIDs: credentialIDs)
      if let id, !seen.insert(id).inserted { workflow.node.add("id", "has already been taken") }
      imports.append(workflow)
      guard let id else { continue }
      owners.add(workflow.content)
      indices[id] = index ?? project.workflows.endIndex
      let rows = workflow.rows(projectID: project.id, now: now)
      if let index { project.workflows[index] = rows } else { project.workflows.append(rows) }
    }
    renameDeleted(imports, in: &project)
    checkNames(&imports, in: project)
    for workflow in imports { node.add("workflows", workflow.label, workflow.errors) }
  }

  /// A deleted workflow gives its name free and no longer starts.
  private func renameDeleted(_ imports: [WorkflowImport], in project: inout ProjectContent) {
    let deleted = Set(imports.filter(\.isDeletion).compactMap(\.node.id))
    var taken = Set(project.workflows.filter { !deleted.contains($0.content.id) }.map(\.content.name))
    for index in project.workflows.indices where deleted.contains(project.workflows[index].content.id) {
      let stem = project.workflows[index].content.name + "_del"
      var name = stem
      var number = 0
      while !taken.insert(name).inserted {
        number += 1
        name = "\(stem)\(number)"
      }
      project.workflows[index].content.name = name
      for trigger in project.workflows[index].content.triggers.indices {
        project.workflows[index].content.triggers[trigger].enabled = false
      }
    }
  }

  /// Names are looked at when all workflows have theirs: two may swap them.
  private func checkNames(_ imports: inout [WorkflowImport], in project: ProjectContent) {
    let names = Dictionary(project.workflows.map { ($0.content.name, 1) }, uniquingKeysWith: +)
    let paths = project.workflows.lazy.flatMap(\.content.triggers).compactMap(\.customPath)
    let uses = Dictionary(paths.map { ($0, 1) }, uniquingKeysWith: +)
    for index in imports.indices {
      let name = imports[index].content.name
      if names[name, default: 0] > 1, !imports[index].isDeletion, !name.isEmpty {
        imports[index].node.add("name", "a workflow with this name already exists in this project.")
      }
      imports[index].checkCustomPaths(uses)
    }
  }
}
