import FoundationEssentials
import Workflow

/// One workflow of an imported document, laid over the rows that are there.
struct WorkflowImport {
  /// Something the document says of a job, trigger or edge, and what is wrong with it.
  private struct Child {
    let entity: any ImportedEntity
    let hasID: Bool
    var errors: ImportErrors
  }

  private let known: WorkflowRows?
  private let owners: IDOwners
  private let credentialIDs: Set<String>
  var node: ImportNode
  private(set) var content: WorkflowContent
  private var children: [Child] = []
  private var childIndices: [ValidationErrors.Collection: [String: Int]] = [:]
  private var deletedAt: String?

  private static let keys: Set<String> = ["id", "name", "delete", "deleted_at", "jobs", "triggers", "edges"]
  /// Columns that an export carries and that an import never changes.
  private static let tolerated: Set<String> = [
    "lock_version", "concurrency", "enable_job_logs", "positions", "version_history", "project_id", "state",
  ]

  /// Reads what the document says. `known` are the workflow's rows, if the project has it and it is not deleted.
  /// `credentialIDs` are those of the credentials that jobs may use.
  init(_ json: JSONValue, known: WorkflowRows?, owners: IDOwners, credentialIDs: Set<String>) {
    self.known = known
    self.owners = owners
    self.credentialIDs = credentialIDs
    node = ImportNode(json, keys: Self.keys, tolerated: Self.tolerated)
    content = known?.content ?? WorkflowContent(id: node.id ?? "", name: "")
    if known == nil, let id = node.id, owners.isTaken(id, outside: nil) { node.add("id", "has already been taken") }
    node.read("name", into: &content.name)
    readDeletionDate()
    readChildren()
    if node.isDelete {
      if known == nil || content != known?.content {
        node.add("delete", "cannot change or add a record while deleting")
      }
    } else if isChanged {
      content = content.normalized()
      validate()
    }
  }

  /// What the errors of this workflow stand under.
  var label: String { [content.name, node.id ?? ""].first { !$0.isEmpty } ?? "" }

  /// Whether the workflow is to be deleted.
  var isDeletion: Bool { node.isDelete || deletedAt != nil }

  /// The rows as they are to be: those that are there where nothing changes.
  func rows(projectID: String, now: String) -> WorkflowRows {
    var rows = known ?? WorkflowRows(content: content, projectID: projectID, lockVersion: 0, revision: 0)
    if isChanged { rows.content = content }
    if isDeletion { rows.deletedAt = deletedAt ?? now }
    return rows
  }

  /// All that is wrong with the workflow and what is in it.
  var errors: ImportErrors {
    var errors = node.errors
    let names = NodeNames(content, before: known?.content)
    for child in children where !child.errors.isEmpty {
      let label = child.entity.label(names)
      let name = label.isEmpty && child.hasID ? child.entity.id : label
      errors.add(type(of: child.entity).collection.rawValue, name, child.errors)
    }
    return errors
  }

  /// Whether the document says something new. What only a save would spell differently is nothing new.
  private var isChanged: Bool {
    guard let known = known?.content else { return true }
    return content != known && content.normalized() != known
  }

  private mutating func readDeletionDate() {
    node.read("deleted_at", into: &deletedAt)
    guard let text = deletedAt, (try? Date(text, strategy: .iso8601)) == nil else { return }
    node.add("deleted_at", "is invalid")
  }

  // MARK: Jobs, triggers and edges

  private mutating func readChildren() {
    content.jobs = read(content.jobs)
    content.triggers = read(content.triggers)
    content.edges = read(content.edges)
    if let known { dropWhatLostItsEnds(known.content) }
    checkCredentials()
  }

  /// Lays a list of the document over the entities that are there: those that it leaves out are deleted.
  private mutating func read<Entity: ImportedEntity>(_ entities: [Entity]) -> [Entity] {
    guard let list = node.list(Entity.collection.rawValue) else { return entities }
    let known = Dictionary(entities.map { ($0.id, $0) }) { first, _ in first }
    var seen: Set<String> = []
    var kept: [String: Entity] = [:]
    var added: [Entity] = []
    for json in list {
      var child = ImportNode(json, keys: Entity.keys, tolerated: ["workflow_id"])
      let old = child.id.flatMap { known[$0] }
      var entity = old ?? Entity(newID: child.id ?? "#\(children.count)")
      entity.read(&child)
      if child.id != nil, !seen.insert(entity.id).inserted || owners.isTaken(entity.id, outside: node.id) {
        child.add("id", "has already been taken")
      }
      if child.isDelete, old != entity { child.add("delete", "cannot change or add a record while deleting") }
      children.append(Child(entity: entity, hasID: child.id != nil, errors: child.errors))
      if child.isDelete { continue }
      if old == nil { added.append(entity) } else { kept[entity.id] = entity }
    }
    return entities.compactMap { kept[$0.id] } + added
  }

  /// Jobs and triggers that go take along the edges that touched them, and what else refers to them.
  private mutating func dropWhatLostItsEnds(_ known: WorkflowContent) {
    let nodes = Set(content.jobs.map(\.id) + content.triggers.map(\.id))
    let gone = Set(known.jobs.map(\.id) + known.triggers.map(\.id)).subtracting(nodes)
    guard !gone.isEmpty else { return }
    let knownEdges = Set(known.edges.map(\.id))
    content.edges.removeAll { edge in
      let ends = [edge.sourceJobID, edge.sourceTriggerID, edge.targetJobID].compactMap { $0 }
      return knownEdges.contains(edge.id) && !gone.isDisjoint(with: ends)
    }
    for index in content.triggers.indices where content.triggers[index].cronCursorJobID.map(gone.contains) ?? false {
      content.triggers[index].cronCursorJobID = nil
    }
    content.positions = content.positions?.filter { !gone.contains($0.key) }
  }

  private mutating func checkCredentials() {
    let jobs = known?.content.jobs ?? []
    let before = Dictionary(jobs.map { ($0.id, $0.projectCredentialID) }) { first, _ in first }
    for index in children.indices {
      guard let job = children[index].entity as? Job, let id = job.projectCredentialID else { continue }
      guard id != before[job.id], !credentialIDs.contains(id) else { continue }
      children[index].errors.add("project_credential_id", "credential doesn't exist or isn't available in this project")
    }
  }

  /// The paths of webhooks are unique in their project; `uses` says how many triggers have each.
  mutating func checkCustomPaths(_ uses: [String: Int]) {
    guard isChanged else { return }
    for trigger in content.triggers {
      guard let path = trigger.customPath, uses[path, default: 0] > 1 else { continue }
      note(["custom_path": ["has already been taken"]], on: trigger.id, in: .triggers)
    }
  }

  // MARK: Validation

  private mutating func validate() {
    do {
      try content.validate()
    } catch {
      note(error)
    }
    note(content.findings.errors)
  }

  private mutating func note(_ errors: ValidationErrors) {
    // An id that is missing or wrong was noted where it was read.
    for (field, messages) in errors.workflow where field != "id" {
      for message in messages { node.add(field, message) }
    }
    for (collection, byID) in errors.entities {
      for (id, fields) in byID { note(fields, on: id, in: collection) }
    }
  }

  private mutating func note(_ fields: [String: [String]], on id: String, in collection: ValidationErrors.Collection) {
    guard let index = childIndex(id, in: collection) else { return }
    for (field, messages) in fields where field != "id" || children[index].hasID {
      for message in messages { children[index].errors.add(field, message) }
    }
  }

  /// Where errors of an entity are kept; also of one that the document does not mention.
  private mutating func childIndex(_ id: String, in collection: ValidationErrors.Collection) -> Int? {
    if childIndices.isEmpty {
      for (index, child) in children.enumerated() {
        childIndices[type(of: child.entity).collection, default: [:]][child.entity.id] = index
      }
    }
    if let index = childIndices[collection]?[id] { return index }
    guard let entity = content.entity(id, in: collection) else { return nil }
    children.append(Child(entity: entity, hasID: true, errors: ImportErrors()))
    childIndices[collection, default: [:]][id] = children.endIndex - 1
    return children.endIndex - 1
  }
}

extension WorkflowContent {
  fileprivate func entity(_ id: String, in collection: ValidationErrors.Collection) -> (any ImportedEntity)? {
    switch collection {
    case .jobs: jobs.first { $0.id == id }
    case .triggers: triggers.first { $0.id == id }
    case .edges: edges.first { $0.id == id }
    }
  }
}
