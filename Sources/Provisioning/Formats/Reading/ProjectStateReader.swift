import Workflow

/// Reads a state file: of all that other tools keep in it, the ids.
struct ProjectStateReader {
  private let name: String
  private let limits: FormatLimits
  private(set) var problems: [FileProblem] = []

  init(_ name: String, _ limits: FormatLimits) {
    self.name = name
    self.limits = limits
  }

  /// The state, as far as it can be read.
  mutating func state(_ bytes: [UInt8]) -> ProjectState? {
    guard bytes.count <= limits.bytes else {
      problems.append(FileProblem(file: name, message: "the state file has more than \(limits.bytes) bytes"))
      return nil
    }
    let document: JSONValue
    do {
      document = try JSONValue(parsing: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes)
    } catch {
      problems.append(
        FileProblem(
          file: name, line: error.line, column: error.column, message: "the state file is JSON: \(error.reason)"))
      return nil
    }
    guard document.object != nil else {
      problems.append(FileProblem(file: name, message: "an object is expected, with the keys id and workflows"))
      return nil
    }
    var state = ProjectState(id: id(document, ""), name: document["name"]?.string)
    for (key, workflow) in members(document, "workflows", "") {
      guard let id = id(workflow, "workflows.\(key)") else { continue }
      state.workflows[key] = ProjectState.WorkflowIDs(
        id: id, name: workflow["name"]?.string, jobs: ids(workflow, "jobs", "workflows.\(key)."),
        triggers: ids(workflow, "triggers", "workflows.\(key)."), edges: ids(workflow, "edges", "workflows.\(key)."))
    }
    state.credentials = ids(document, "project_credentials", "")
    state.collections = ids(document, "collections", "")
    return state
  }

  private mutating func ids(_ parent: JSONValue, _ key: String, _ path: String) -> [String: String] {
    var ids: [String: String] = [:]
    for (name, value) in members(parent, key, path) { ids[name] = id(value, "\(path)\(key).\(name)") }
    return ids
  }

  /// Things by key; older files have a list where there is nothing.
  private mutating func members(_ parent: JSONValue, _ key: String, _ path: String) -> [(key: String, value: JSONValue)]
  {
    guard let value = parent[key], !value.isNull, value != [] else { return [] }
    guard let members = value.object else {
      report(path + key, "an object is expected, with keys of the project file")
      return []
    }
    // Deleted things may stay behind as null.
    return members.filter { !$0.value.isNull }.sorted { $0.key < $1.key }
  }

  private mutating func id(_ value: JSONValue, _ path: String) -> String? {
    guard let given = value["id"], !given.isNull else { return nil }
    if let text = given.string, DocumentName.isUUID(text) { return text.lowercased() }
    report(path.isEmpty ? "id" : "\(path).id", "has to be a uuid")
    return nil
  }

  private mutating func report(_ path: String, _ message: String) {
    guard problems.count < limits.problems else { return }
    problems.append(FileProblem(file: name, path: path, message: message))
  }
}
