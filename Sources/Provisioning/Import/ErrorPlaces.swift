import Workflow

/// Finds the places in a file that the errors of its import are about: those stand under names and fields of rows.
struct ErrorPlaces {
  private let file: ProjectFile
  private let specification: ProjectSpecification
  /// Of how many problems an error tells: each has to be looked up.
  private let limit: Int

  init(_ file: ProjectFile) {
    self.file = file
    specification = file.specification
    limit = file.limits.problems
  }

  func problems(_ errors: ImportErrors) -> FileProblems {
    let list = errors.flattened
    var problems = list.prefix(limit).map { problem(at: $0.path, $0.message) }.inOrder
    if list.count > limit {
      problems.append(FileProblem(file: file.name, message: "and \(list.count - limit) more problems"))
    }
    return FileProblems(problems)
  }

  private func problem(at path: [String], _ message: String) -> FileProblem {
    guard let root = file.map.root else {
      return FileProblem(file: file.name, path: path.joined(separator: "."), message: message)
    }
    // Of two things with one name the second one is told to take another.
    let isTaken = message.hasSuffix("taken") || message.hasSuffix("exists in this project.")
    let place = place(of: path, last: isTaken, root)
    let mark = place.mark(in: root)
    return FileProblem(
      file: file.name, line: mark.line, column: mark.column, path: place.description, message: message)
  }

  private func place(of path: [String], last: Bool, _ root: YAMLNode) -> FilePath {
    guard path.count >= 2, let name = path.dropFirst().first else { return FilePath() / (path.first ?? "") }
    switch path[0] {
    case "workflows": return workflowPlace(name, Array(path.dropFirst(2)), last, root)
    case "collections": return found(specification.collections.map(\.name), name, last, file.map.collections, path)
    case "project_credentials":
      return found(specification.credentials.map(\.name), name, last, file.map.credentials, path)
    default: return FilePath() / path[0]
    }
  }

  private func found(_ names: [String], _ name: String, _ last: Bool, _ paths: [FilePath], _ path: [String]) -> FilePath
  {
    guard let index = Self.index(of: name, in: names, last), paths.indices.contains(index) else {
      return FilePath() / path[0]
    }
    return paths[index] / (path.last ?? "")
  }

  private static func index(of name: String, in names: [String], _ last: Bool) -> Int? {
    if let index = last ? names.lastIndex(of: name) : names.firstIndex(of: name) { return index }
    // What has no name is called by its id.
    return DocumentName.isUUID(name) ? names.firstIndex(of: "") : nil
  }

  // MARK: Workflows

  private func workflowPlace(_ name: String, _ rest: [String], _ last: Bool, _ root: YAMLNode) -> FilePath {
    let isOwn = last && rest.count == 1
    guard let index = Self.index(of: name, in: specification.workflows.map(\.name), isOwn) ?? onlyWorkflow,
      file.map.workflows.indices.contains(index)
    else { return FilePath() / "workflows" }
    let (workflow, places) = (specification.workflows[index], file.map.workflows[index])
    guard rest.count >= 3 else { return places.path / (rest.first ?? "") }
    let names: [String]
    let paths: [FilePath]
    switch rest[0] {
    case "jobs": (names, paths) = (workflow.jobs.map { Self.stored($0.name) }, places.jobs)
    case "triggers": (names, paths) = (workflow.triggers.map(\.type), places.triggers)
    default: (names, paths) = (workflow.edgeLabels, places.edges)
    }
    guard let entity = Self.index(of: Self.stored(rest[1]), in: names, last), paths.indices.contains(entity) else {
      return places.path / rest[0]
    }
    return Self.place(of: rest[2], in: paths[entity], root)
  }

  /// Names as errors have them: an import trims them.
  private static func stored(_ name: String) -> String {
    var name = name[...]
    while name.first?.isWhitespace ?? false { name.removeFirst() }
    while name.last?.isWhitespace ?? false { name.removeLast() }
    return String(name)
  }

  private var onlyWorkflow: Int? { specification.workflows.count == 1 ? 0 : nil }

  /// What files call the fields of rows, v2 before v1; the first one that is there counts.
  private static let keys: [String: [[String]]] = [
    "body": [["expression"], ["body"]], "adaptor": [["adaptors"], ["adaptor"]],
    "project_credential_id": [["configuration"], ["credential"]],
    "cron_expression": [["openfn", "cron"], ["openfn", "cron_expression"], ["cron_expression"]],
    "cron_cursor_job_id": [["openfn", "cron_cursor"], ["cron_cursor"], ["cron_cursor_job"]],
    "webhook_reply": [["openfn", "webhook_reply"], ["webhook_reply"]],
    "custom_path": [["openfn", "custom_path"], ["custom_path"]],
    "kafka_configuration": [["openfn", "kafka"], ["openfn", "kafka_configuration"], ["kafka_configuration"]],
    "source_job_id": [["source_job"]], "source_trigger_id": [["source_trigger"]], "target_job_id": [["target_job"]],
    "condition_type": [["openfn", "condition_type"], ["condition"], ["condition_type"]],
    "condition_expression": [["openfn", "condition_expression"], ["condition"], ["condition_expression"]],
    "condition_label": [["label"], ["condition_label"]], "id": [["openfn", "uuid"], ["id"]],
  ]

  private static func place(of field: String, in entity: FilePath, _ root: YAMLNode) -> FilePath {
    let ways = (keys[field] ?? [[field]]).map { $0.reduce(entity) { $0 / $1 } }
    if let place = ways.first(where: { $0.exists(in: root) }) { return place }
    // The ends of an edge of v2 have no keys of their own.
    if entity.components.contains(.key("next")) { return entity }
    return (entity.components.contains(.key("steps")) ? ways.first : ways.last) ?? entity
  }
}

extension WorkflowSpecification {
  /// What errors call the edges: the names of what they lead between.
  fileprivate var edgeLabels: [String] {
    let jobs = Dictionary(self.jobs.map { ($0.key, $0.name) }) { first, _ in first }
    let triggers = Dictionary(self.triggers.map { ($0.key, $0.type) }) { first, _ in first }
    return edges.map { edge in
      let source =
        switch edge.source {
        case .job(let key): jobs[key]
        case .trigger(let key): triggers[key]
        }
      return "\(source ?? "")->\(edge.target.flatMap { jobs[$0] } ?? "")"
    }
  }
}
