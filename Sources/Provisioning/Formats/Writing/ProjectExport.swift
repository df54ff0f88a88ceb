public import Workflow

/// A project, written down as a file. Equal projects give equal bytes, and importing an export changes nothing.
public struct ProjectExport: Sendable {
  private let project: ProjectContent

  public init(_ project: ProjectContent) {
    self.project = project
  }

  /// The project as one file, bodies of jobs included. Throws what the format cannot hold.
  public func text(as format: ProjectFormat) throws(FileProblems) -> String {
    try text(specification(format), as: format, .none)
  }

  /// One workflow of the project as a file of its own; nil where there is none of that id, or it is deleted. As JSON it is a
  /// project with that workflow.
  public func text(ofWorkflow id: String, as format: ProjectFormat) throws(FileProblems) -> String? {
    guard let rows = project.workflows.first(where: { $0.content.id == id && $0.deletedAt == nil }) else { return nil }
    var part = project
    part.workflows = [rows]
    guard format != .json else { return try ProjectExport(part).text(as: .json) }
    let specification = ProjectExport(part).specification(format)
    guard let workflow = specification.workflows.first else { return nil }
    // A file without the project names credentials so that they are known anywhere.
    return try write(Self.value(workflow.withFullReferences(specification), as: format), format)
  }

  /// The project as files: by path inside the repository what is in each, the project file and those with bodies of jobs, and
  /// the state file if the layout has one.
  public func files(as format: ProjectFormat, layout: ProjectLayout) throws(FileProblems) -> [String: [UInt8]] {
    let specification = specification(format)
    // A provisioning document is in one piece.
    let bodies = format == .json ? BodyFiles.none : BodyFiles(specification, layout)
    var files = bodies.contents(of: specification)
    files[layout.specPath] = Array(try text(specification, as: format, bodies).utf8)
    if let path = layout.statePath { files[path] = Array(ProjectState(of: project).text.utf8) }
    return files
  }

  private func specification(_ format: ProjectFormat) -> ProjectSpecification {
    ProjectSpecification(project, keys: format.isV2 ? .slug : .hyphenated)
  }

  private func text(
    _ specification: ProjectSpecification, as format: ProjectFormat, _ bodies: BodyFiles
  ) throws(FileProblems) -> String {
    guard format != .json else { return JSONText.pretty(project.exported) }
    let problems = specification.problems(as: format)
    guard problems.isEmpty else { throw FileProblems(problems) }
    switch format {
    case .v1: return try write(V1Writer(bodies: bodies).value(specification), format)
    default:
      return try write(V2Writer(bodies: bodies, hasExpressions: format == .v2Expressions).value(specification), format)
    }
  }

  private static func value(_ workflow: WorkflowSpecification, as format: ProjectFormat) -> YAMLValue {
    switch format {
    case .v1, .json: V1Writer(bodies: .none).value(workflow)
    case .v2, .v2Expressions: V2Writer(bodies: .none, hasExpressions: format == .v2Expressions).value(workflow)
    }
  }

  private func write(_ value: YAMLValue, _ format: ProjectFormat) throws(FileProblems) -> String {
    do {
      return try YAMLWriter.text(value)
    } catch {
      throw FileProblems(
        FileProblem(file: "export", message: "the project cannot be written as \(format.rawValue): \(error.reason)"))
    }
  }
}

extension WorkflowSpecification {
  fileprivate func withFullReferences(_ project: ProjectSpecification) -> WorkflowSpecification {
    let references = Dictionary(project.credentials.map { ($0.key, $0.reference) }) { first, _ in first }
    var workflow = self
    for index in jobs.indices { workflow.jobs[index].credential = jobs[index].credential.map { references[$0] ?? $0 } }
    return workflow
  }
}
