/// Reads a config file. YAML has everything that JSON has, so that there is one way to read both.
struct ProjectConfigReader {
  let reading: FileReading

  init(_ reading: FileReading) {
    self.reading = reading
  }

  private static let paths = ["specPath", "statePath"]
  /// What belongs to the tool that made the file. A key to another service is never kept.
  private static let ignored: Set<String> = [
    "apiKey", "configPath", "confirm", "credentials", "dirs", "formats", "logger", "requireConfirmation", "workspace",
  ]
  private static let ignoredOfProject: Set<String> = ["alias", "env", "id", "name", "inserted_at", "updated_at"]

  func config(_ bytes: [UInt8]) -> ProjectConfig? {
    guard bytes.count <= reading.limits.bytes, String(validating: bytes, as: UTF8.self) != nil else {
      reading.report("the config file is not UTF-8 text, or is larger than \(reading.limits.bytes) bytes")
      return nil
    }
    let (root, problems) = YAMLComposer.compose(bytes, limits: reading.limits)
    for problem in problems { reading.report(FilePath(), problem.mark, problem.message) }
    guard let root, problems.isEmpty else {
      if problems.isEmpty {
        reading.report("the config file is empty; it has the keys endpoint, specPath and statePath")
      }
      return nil
    }
    let keys = ["endpoint"] + Self.paths + ["project"]
    guard let reader = MapReader(root, FilePath(), reading, keys: keys, ignored: Self.ignored) else { return nil }
    var config = ProjectConfig(endpoint: reader.text("endpoint"))
    let project = reader["project"].flatMap {
      MapReader(
        $0, FilePath() / "project", reading, keys: ["uuid", "endpoint"] + Self.paths, ignored: Self.ignoredOfProject)
    }
    config.endpoint = config.endpoint ?? project?.text("endpoint")
    config.projectID = project?.id("uuid")
    config.specPath = path("specPath", reader) ?? project.flatMap { path("specPath", $0) }
    config.statePath = path("statePath", reader) ?? project.flatMap { path("statePath", $0) }
    return config
  }

  /// A path inside the repository.
  private func path(_ key: String, _ reader: MapReader) -> String? {
    guard let text = reader.text(key) else { return nil }
    guard let path = TreePath.normalized(text, in: TreePath.folder(of: reading.name)) else {
      reader.report(key, "\(text.debugDescription): \(FileTreeError.outside)")
      return nil
    }
    return path
  }
}
