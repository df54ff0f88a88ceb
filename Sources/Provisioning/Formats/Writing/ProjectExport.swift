public import Workflow

/// A project, written down as a file. Equal projects give equal bytes, and importing an export changes nothing.
public struct ProjectExport: Sendable {
  private let project: ProjectContent

  public init(_ project: ProjectContent) {
    self.project = project
  }

  /// The project as one file, bodies of jobs included. Throws what the format cannot hold.
  public func text(as format: ProjectFormat) throws(FileProblems) -> String {
    project.exported.text
  }

  /// The project as files: by path inside the repository what is in each, the project file and those with bodies of jobs.
  public func files(as format: ProjectFormat, layout: ProjectLayout) throws(FileProblems) -> [String: [UInt8]] {
    [layout.specPath: Array(try text(as: format).utf8)]
  }
}
