import Workflow

/// Finds out which format a file is in, and reads it.
struct ProjectFileReader {
  let reading: FileReading

  init(_ reading: FileReading) {
    self.reading = reading
  }

  /// What the file says; nil where problems say why not.
  func file(_ bytes: [UInt8]) -> ProjectFile? {
    guard bytes.count <= reading.limits.bytes else {
      reading.report("the file has more than \(reading.limits.bytes) bytes")
      return nil
    }
    // A byte order mark says nothing about UTF-8.
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    guard let place = Self.firstFault(text) else { return isJSON(text) ? json(text) : yaml(text) }
    reading.report(FilePath(), YAMLMark(text, offset: place), "the file is not UTF-8 text")
    return nil
  }

  /// Where the text stops being UTF-8.
  private static func firstFault(_ text: [UInt8]) -> Int? {
    guard String(validating: text, as: UTF8.self) == nil else { return nil }
    var decoder = UTF8.ForwardParser()
    var bytes = text.makeIterator()
    var offset = 0
    while true {
      switch decoder.parseScalar(from: &bytes) {
      case .valid(let scalar): offset += scalar.count
      case .error, .emptyInput: return offset
      }
    }
  }

  // MARK: JSON

  /// YAML may begin with a brace, too, but then its file says that it is YAML.
  private func isJSON(_ text: [UInt8]) -> Bool {
    guard let first = text.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else { return false }
    return (first == UInt8(ascii: "{") || first == UInt8(ascii: "["))
      && ![".yaml", ".yml"].contains { reading.name.hasSuffix($0) }
  }

  private func json(_ text: [UInt8]) -> ProjectFile? {
    do {
      let document = try JSONValue(parsing: text)
      // YAML project files may be written down as JSON, of which YAML is an extension.
      let isNamed = document["workflows"]?.object != nil || document["jobs"]?.object != nil
      if isNamed || document["steps"] != nil { return yaml(text) }
      guard document.object != nil else {
        reading.report("an object is expected, with the keys id, name and workflows")
        return nil
      }
      return ProjectFile(
        name: reading.name, format: .json, isSingleWorkflow: false, content: .document(document), bodyFiles: [:],
        map: FileMap(), limits: reading.limits)
    } catch {
      reading.report(FilePath(), YAMLMark(text, offset: error.offset), error.reason)
      return nil
    }
  }

  // MARK: YAML

  private func yaml(_ text: [UInt8]) -> ProjectFile? {
    let (root, problems) = YAMLComposer.compose(text, limits: reading.limits)
    for problem in problems { reading.report(FilePath(), problem.mark, problem.message) }
    guard let root, problems.isEmpty else {
      if problems.isEmpty { reading.report("the file is empty, and a project or a workflow is expected") }
      return nil
    }
    guard let kind = Kind(root) else {
      reading.report(FilePath(), root.mark, Kind.expectation(root))
      return nil
    }
    guard let file = read(root, kind) else { return nil }
    checkMeaning(of: file)
    return file
  }

  private func read(_ root: YAMLNode, _ kind: Kind) -> ProjectFile? {
    var map = FileMap(root: root)
    var format = ProjectFormat.v1
    var project: ProjectSpecification?
    switch (kind.isV2, kind.isSingleWorkflow) {
    case (false, false): project = V1Reader(reading).project(root, &map)
    case (false, true):
      project = V1Reader(reading).workflow(root, FilePath(), key: nil, &map).map {
        ProjectSpecification(name: "", workflows: [$0])
      }
    case (true, let isSingle):
      var reader = V2Reader(reading)
      project =
        isSingle
        ? reader.workflow(root, FilePath(), &map).map { ProjectSpecification(name: "", workflows: [$0]) }
        : reader.project(root, &map)
      format = reader.hasExpressions ? .v2Expressions : .v2
    }
    guard let project else { return nil }
    return ProjectFile(
      name: reading.name, format: format, isSingleWorkflow: kind.isSingleWorkflow, content: .specification(project),
      bodyFiles: reading.bodyFiles, map: map, limits: reading.limits)
  }

  /// Imports the file into nothing, to find all that is wrong with it whatever it is imported into.
  private func checkMeaning(of file: ProjectFile) {
    let nothing = ProjectContent(id: ProjectImport.newID(), name: "project")
    let isNew = !file.isSingleWorkflow
    let trial = ProjectImport(file: file, projectID: nothing.id)
    do throws(ImportErrors) {
      _ = try trial.applied(to: isNew ? nil : nothing, foreignIDs: [], now: "")
    } catch {
      for problem in trial.problems(error).problems where !Self.dependsOnProject(problem) { reading.report(problem) }
    }
  }

  /// Credentials that the file does not list may be in the project.
  private static func dependsOnProject(_ problem: FileProblem) -> Bool {
    problem.message.hasPrefix(WorkflowNames.unknownCredential)
  }

  /// Which kind of YAML file this is.
  private struct Kind {
    var isV2: Bool
    var isSingleWorkflow: Bool

    init?(_ root: YAMLNode) {
      guard let members = root.members else { return nil }
      let keys = Set(members.map(\.key))
      if keys.contains("workflows") {
        isSingleWorkflow = false
        switch root["workflows"]?.value {
        case .list: isV2 = true
        case .map: isV2 = false
        default: isV2 = keys.contains("id")
        }
      } else if keys.contains("steps") {
        (isV2, isSingleWorkflow) = (true, true)
      } else if !keys.isDisjoint(with: ["jobs", "triggers", "edges"]) {
        (isV2, isSingleWorkflow) = (false, true)
      } else if keys.contains("name"), keys.isDisjoint(with: ["project", "workspace"]) {
        (isV2, isSingleWorkflow) = (keys.contains("id"), false)
      } else {
        return nil
      }
    }

    /// What is said of something else.
    static func expectation(_ root: YAMLNode) -> String {
      let keys = Set((root.members ?? []).map(\.key))
      let isConfig = !keys.isDisjoint(with: ["project", "workspace", "specPath", "statePath"])
      return "a project is expected, with the keys name and workflows, or a workflow with steps (v2) or jobs (v1)"
        + (isConfig ? "; this is a config file, which names a project file" : "")
    }
  }
}
