/// Where the files of a project lie in a repository.
public struct ProjectLayout: Hashable, Sendable {
  /// The project file.
  public var specPath: String
  /// The state file; nil where there is none.
  public var statePath: String?
  /// The folder, seen from that of the project file, in which jobs have files for their bodies; nil where bodies stand in
  /// the project file.
  public var bodyFolder: String?
  /// Jobs that have a file for their body, by the keys of workflow and job, and its path inside the repository. Others are
  /// written as `bodyFolder` says.
  public var bodyFiles: [ProjectFile.BodyPlace: String]

  public init(
    specPath: String = "project.yaml", statePath: String? = nil, bodyFolder: String? = nil,
    bodyFiles: [ProjectFile.BodyPlace: String] = [:]
  ) {
    self.specPath = specPath
    self.statePath = statePath
    self.bodyFolder = bodyFolder
    self.bodyFiles = bodyFiles
  }

  /// The layout that a file which was read has: what had a file of its own keeps it.
  public init(of file: ProjectFile, statePath: String? = nil) {
    self.init(specPath: file.name, statePath: statePath, bodyFiles: file.bodyFiles)
  }
}
