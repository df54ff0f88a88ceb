import Workflow

/// One workflow of an imported document, laid over the project.
struct WorkflowImport {
  private let json: JSONValue
  private let foreignIDs: Set<String>
  private let now: String
  private var node: ImportNode
  private var content: WorkflowContent
  private var children: [(collection: ValidationErrors.Collection, id: String?, name: String, errors: ImportErrors)] =
    []

  private static let keys: Set<String> = ["id", "name", "delete", "deleted_at", "jobs", "triggers", "edges"]
  /// Columns that an export carries and that an import never changes.
  private static let tolerated: Set<String> = [
    "lock_version", "concurrency", "enable_job_logs", "positions", "version_history", "project_id", "state",
  ]

  /// What errors of this workflow stand under.
  let label: String
  private(set) var errors = ImportErrors()

  init(_ json: JSONValue, foreignIDs: Set<String>, now: String) {
    self.json = json
    self.foreignIDs = foreignIDs
    self.now = now
    node = ImportNode(json, keys: Self.keys, tolerated: Self.tolerated)
    content = WorkflowContent(id: node.id ?? "", name: "")
    label = json["name"]?.string ?? node.id ?? ""
  }

  mutating func apply(to project: inout ProjectContent) {
    defer { collectErrors() }
    guard let id = node.id else { return }
    let index = project.workflows.firstIndex { $0.content.id == id && $0.deletedAt == nil }
    if index == nil, foreignIDs.contains(id) || project.workflows.contains(where: { $0.content.id == id }) {
      return node.add("id", "has already been taken")
    }
    if node.isDelete { return delete(at: index, in: &project) }
    content = index.map { project.workflows[$0].content } ?? content
    node.read("name", into: &content.name)
    checkName(in: project)
    readChildren(in: project)
    guard node.errors.isEmpty, children.allSatisfy(\.errors.isEmpty) else { return }
    content = content.normalized()
    validate()
    if let index {
      project.workflows[index].content = content
    } else {
      project.workflows.append(WorkflowRows(content: content, projectID: project.id, lockVersion: 0, revision: 0))
    }
  }

  // MARK: The workflow itself

  /// A deleted workflow keeps its rows, gives its name free and no longer starts.
  private mutating func delete(at index: Int?, in project: inout ProjectContent) {
    let others = node.members.filter { !["id", "delete"].contains($0.key) }
    guard let index, others.allSatisfy({ $0.key == "name" && $0.value.string == project.workflows[index].content.name })
    else { return node.add("delete", "cannot change or add a record while deleting") }
    let taken = Set(project.workflows.map(\.content.name))
    let stem = project.workflows[index].content.name + "_del"
    var name = stem
    var number = 0
    while taken.contains(name) {
      number += 1
      name = "\(stem)\(number)"
    }
    project.workflows[index].content.name = name
    project.workflows[index].deletedAt = now
    for trigger in project.workflows[index].content.triggers.indices {
      project.workflows[index].content.triggers[trigger].enabled = false
    }
  }

  private mutating func checkName(in project: ProjectContent) {
    let isTaken = project.workflows.contains { $0.content.id != content.id && $0.content.name == content.name }
    if isTaken { node.add("name", "a workflow with this name already exists in this project.") }
  }

  // MARK: Jobs, triggers and edges

  private mutating func readChildren(in project: ProjectContent) {
    let before = Set(content.jobs.map(\.id))
    let knownEdges = Set(content.edges.map(\.id))
    let elsewhere = ids(outside: content.id, of: project)
    var jobs = content.jobs
    var triggers = content.triggers
    var edges = content.edges
    let named = names(in: content)
    readList(.jobs, &jobs, elsewhere, keys: EntityKeys.job, make: { Job(id: $0) }, name: \.name) { $0.read(into: &$1) }
    readList(.triggers, &triggers, elsewhere, keys: EntityKeys.trigger, make: { Trigger(id: $0) }, name: \.type) {
      $0.read(into: &$1)
    }
    readList(
      .edges, &edges, elsewhere, keys: EntityKeys.edge, make: { Edge(id: $0) }, name: { named($0, jobs, triggers) }
    ) {
      $0.read(into: &$1)
    }
    // A job takes the edges along that touched it.
    let gone = before.subtracting(jobs.map(\.id))
    edges.removeAll { edge in
      knownEdges.contains(edge.id) && [edge.sourceJobID, edge.targetJobID].contains { $0.map(gone.contains) ?? false }
    }
    content.jobs = jobs
    content.triggers = triggers
    content.edges = edges
  }

  /// Lays a list of entities over the known ones.
  private mutating func readList<Entity: Identified>(
    _ collection: ValidationErrors.Collection, _ entities: inout [Entity], _ elsewhere: Set<String>, keys: Set<String>,
    make: (String) -> Entity, name: (Entity) -> String, read: (inout ImportNode, inout Entity) -> Void
  ) {
    guard let list = node.list(collection.rawValue) else { return }
    var result: [Entity] = []
    for json in list {
      var child = ImportNode(json, keys: keys)
      let known = entities.first { $0.id == child.id }
      var entity = known ?? make(child.id ?? "")
      read(&child, &entity)
      if let id = child.id, elsewhere.contains(id) || result.contains(where: { $0.id == id }) {
        child.add("id", "has already been taken")
      }
      if child.isDelete, known != entity { child.add("delete", "cannot change or add a record while deleting") }
      children.append((collection, child.id, name(entity), child.errors))
      if !child.isDelete { result.append(entity) }
    }
    entities = result
  }

  /// The ids that jobs, triggers and edges of other workflows have.
  private func ids(outside workflowID: String, of project: ProjectContent) -> Set<String> {
    var ids = foreignIDs
    for other in project.workflows where other.content.id != workflowID {
      ids.formUnion(other.content.jobs.map(\.id))
      ids.formUnion(other.content.triggers.map(\.id))
      ids.formUnion(other.content.edges.map(\.id))
    }
    return ids
  }

  /// An edge is called after its ends.
  private func names(in content: WorkflowContent) -> (Edge, [Job], [Trigger]) -> String {
    { edge, jobs, triggers in
      let source =
        jobs.first { $0.id == edge.sourceJobID }?.name ?? triggers.first { $0.id == edge.sourceTriggerID }?.type ?? ""
      return "\(source)->\(jobs.first { $0.id == edge.targetJobID }?.name ?? "")"
    }
  }

  // MARK: Errors

  private mutating func validate() {
    do {
      try content.validate()
    } catch {
      for (field, messages) in error.workflow { for message in messages { node.add(field, message) } }
      for (collection, byID) in error.entities {
        for (id, fields) in byID {
          guard let index = children.firstIndex(where: { $0.collection == collection && $0.id == id }) else { continue }
          for (field, messages) in fields { for message in messages { children[index].errors.add(field, message) } }
        }
      }
      addUnmentioned(error)
    }
  }

  /// What became wrong with entities that the document does not mention stands under their id.
  private mutating func addUnmentioned(_ validation: ValidationErrors) {
    for (collection, byID) in validation.entities {
      for (id, fields) in byID where !children.contains(where: { $0.collection == collection && $0.id == id }) {
        var errors = ImportErrors()
        for (field, messages) in fields { for message in messages { errors.add(field, message) } }
        children.append((collection, id, id, errors))
      }
    }
  }

  private mutating func collectErrors() {
    errors = node.errors
    for child in children { errors.add(child.collection.rawValue, child.name, child.errors) }
  }
}
