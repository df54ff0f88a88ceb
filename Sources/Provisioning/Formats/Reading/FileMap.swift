/// Where the parts of a specification stand in their file.
struct FileMap: Sendable {
  /// Where a workflow and what is in it stand; in the order of the specification.
  struct Workflow: Sendable {
    var path: FilePath
    var jobs: [FilePath] = []
    var triggers: [FilePath] = []
    var edges: [FilePath] = []
  }

  /// The whole file; nil for a JSON document.
  var root: YAMLNode?
  var workflows: [Workflow] = []
  var credentials: [FilePath] = []
  var collections: [FilePath] = []
}
