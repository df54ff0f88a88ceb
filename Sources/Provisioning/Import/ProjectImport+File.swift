public import Workflow

extension ProjectImport {
  /// What stays to be told of a file's import: names become ids only when there is something to look them up in.
  struct FileSource: Sendable {
    var file: ProjectFile
    var state: ProjectState?
    var projectID: String?
    var newID: @Sendable () -> String
  }

  /// Takes a project file. Its names become the ids of what is there: by the state file, where there is one, then by name, by
  /// natural key and by content; what is new gets random ids.
  ///
  /// `projectID` is the project to import into. Where it is nil, the file says it, or else the state file; where none of them
  /// does, the import has no `projectID` and can only say what is wrong with it. A single workflow needs a project that exists.
  public init(file: ProjectFile, state: ProjectState? = nil, projectID: String? = nil) {
    self.init(file: file, state: state, projectID: projectID, newID: Self.newID)
  }

  /// Takes a project file, and gives new things the ids that `newID` makes.
  init(file: ProjectFile, state: ProjectState?, projectID: String?, newID: @escaping @Sendable () -> String) {
    let given = projectID?.lowercased()
    switch file.content {
    case .document(let document):
      let project = ProjectImport(document)
      self.init(
        .file(FileSource(file: file, projectID: given, newID: newID)), projectID: given ?? project.projectID,
        mentionedIDs: project.mentionedIDs)
    case .specification(let specification):
      let id = given ?? specification.id ?? state?.id
      self.init(
        .file(FileSource(file: file, state: state, projectID: id, newID: newID)), projectID: id,
        mentionedIDs: specification.ids.union(state?.ids ?? []))
    }
  }

  /// The provisioning JSON that the import comes to, with all ids: the same document, imported, does the same.
  public func document(for existing: ProjectContent?) throws(FileProblems) -> JSONValue {
    switch source {
    case .document(let document): return document
    case .file(let file):
      var resolution = NameResolution(file, existing)
      let document = resolution.document()
      guard resolution.errors.isEmpty else { throw problems(resolution.errors) }
      return document
    }
  }

  func applied(
    _ source: FileSource, to existing: ProjectContent?, foreignIDs: Set<String>, now: String
  ) throws(ImportErrors) -> ProjectContent {
    var resolution = NameResolution(source, existing)
    let document = resolution.document()
    var errors = resolution.errors
    do throws(ImportErrors) {
      let project = try applied(document, to: existing, foreignIDs: foreignIDs, now: now)
      if errors.isEmpty { return project }
    } catch {
      errors.merge(error)
    }
    throw errors
  }

  /// A random lower-case uuid (version 4), as new things get them.
  @Sendable public static func newID() -> String {
    var generator = SystemRandomNumberGenerator()
    var bytes = withUnsafeBytes(of: (generator.next(), generator.next())) { Array($0) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
      text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension ProjectSpecification {
  /// The ids that the file itself gives.
  var ids: Set<String> {
    var ids = Set(workflows.compactMap(\.id))
    for workflow in workflows {
      ids.formUnion(workflow.jobs.compactMap(\.id))
      ids.formUnion(workflow.triggers.compactMap(\.id))
      ids.formUnion(workflow.edges.compactMap(\.id))
    }
    return ids
  }
}

extension ProjectState {
  var ids: Set<String> {
    var ids = Set(credentials.values).union(collections.values)
    for workflow in workflows.values {
      ids.insert(workflow.id)
      ids.formUnion(workflow.jobs.values)
      ids.formUnion(workflow.triggers.values)
      ids.formUnion(workflow.edges.values)
    }
    return ids
  }
}
