import Workflow

/// Makes the provisioning JSON of a project file: every part that is there already has its id there, what is new gets one.
struct NameResolution {
  private let file: ProjectFile
  private let specification: ProjectSpecification
  private let state: ProjectState?
  private let existing: ProjectContent?
  private let projectID: String?
  private let newID: () -> String
  private let live: [WorkflowRows]
  /// Every id of the project, deleted workflows' included: no new thing can have one of these.
  private let takenIDs: Set<String>
  private var credentials: CredentialNames
  /// What is wrong with names, nested as the document is.
  private(set) var errors = ImportErrors()

  init(_ source: ProjectImport.FileSource, _ existing: ProjectContent?) {
    file = source.file
    specification = file.specification
    state = source.state
    self.existing = existing
    projectID = source.projectID
    newID = source.newID
    live = (existing?.workflows ?? []).filter { $0.deletedAt == nil }
    takenIDs = Self.ids(of: existing)
    credentials = CredentialNames(specification, state, existing, newID)
  }

  private static func ids(of project: ProjectContent?) -> Set<String> {
    var ids: Set<String> = []
    for rows in project?.workflows ?? [] {
      ids.insert(rows.content.id)
      ids.formUnion(rows.content.jobs.lazy.map(\.id))
      ids.formUnion(rows.content.triggers.lazy.map(\.id))
      ids.formUnion(rows.content.edges.lazy.map(\.id))
    }
    return ids
  }

  /// The document, complete as far as there are no `errors`.
  mutating func document() -> JSONValue {
    if case .document(let document) = file.content { return checked(document) }
    var members: [String: JSONValue] = ["id": JSONValue(projectID)]
    if file.isSingleWorkflow {
      if existing == nil { errors.add("base", "a single workflow is imported into a project that exists") }
    } else {
      members["name"] = .string(specification.name)
      members["description"] = JSONValue(specification.description)
      members["collections"] = .array(collections())
    }
    members["workflows"] = .array(workflows())
    // After the workflows, whose jobs may name credentials that are listed nowhere.
    members["project_credentials"] = .array(credentials.added.map(\.json))
    return .object(members)
  }

  /// A document says itself which project it is of.
  private mutating func checked(_ document: JSONValue) -> JSONValue {
    if let projectID, let own = ProjectImport.id(of: document), own != projectID {
      errors.add("id", "is \(own), and the import is for the project \(projectID)")
    }
    return document
  }

  private func collections() -> [JSONValue] {
    let known = Dictionary((existing?.collections ?? []).map { ($0.name, $0.id) }) { first, _ in first }
    let ids = Set(known.values)
    return specification.collections.map { collection in
      let stated = state?.collections[collection.key].flatMap { ids.contains($0) ? $0 : nil }
      let id = known[collection.name] ?? stated ?? newID()
      return ["id": .string(id), "name": .string(collection.name)]
    }
  }

  // MARK: Workflows

  private mutating func workflows() -> [JSONValue] {
    let partners = WorkflowPairing(specification.workflows, live, state).partners
    var list: [JSONValue] = []
    for (workflow, partner) in zip(specification.workflows, partners) {
      let stated = state?.ids(of: workflow)
      var names = WorkflowNames(workflow, partner.map { live[$0].content }, stated, takenIDs, newID)
      list.append(names.json(&credentials))
      errors.add("workflows", workflow.name, names.errors)
    }
    guard !file.isSingleWorkflow, let state else { return list }
    let kept = Set(partners.compactMap { $0.map { live[$0].content.id } })
    let stated = Set(state.workflows.values.map(\.id))
    let gone = live.lazy.map(\.content.id).filter { stated.contains($0) && !kept.contains($0) }
    return list + gone.map { ["id": .string($0), "delete": true] }
  }
}

extension ProjectFile {
  /// What YAML says; an empty project for a document.
  var specification: ProjectSpecification {
    if case .specification(let specification) = content { specification } else { ProjectSpecification(name: "") }
  }
}

extension ProjectState {
  /// What the state knows of a workflow of a file. Another generation of the format may have spelled the key otherwise.
  func ids(of workflow: WorkflowSpecification) -> WorkflowIDs? {
    workflows[workflow.key] ?? workflows[NaturalKey.hyphenated(workflow.name)]
      ?? workflows[NaturalKey.slug(workflow.name)]
  }
}

extension ProjectCredential {
  fileprivate var json: JSONValue { ["id": .string(id), "name": .string(name), "owner": .string(owner)] }
}
