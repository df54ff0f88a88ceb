public import Workflow

extension ImportErrors {
  /// What is probably not meant in workflows that were imported, nested as errors are. Only those workflows appear of which
  /// there is anything to say.
  public init(warningsAbout workflows: [WorkflowContent]) {
    self.init()
    for content in workflows {
      let warnings = content.findings.warnings
      if !warnings.isEmpty { add("workflows", content.name, ImportErrors(warnings, in: content)) }
    }
  }

  /// What is said by id, under the names that people know.
  private init(_ errors: ValidationErrors, in content: WorkflowContent) {
    self.init()
    for (field, messages) in errors.workflow {
      for message in messages { add(field, message) }
    }
    for (collection, byID) in errors.entities {
      let labels = content.labels(of: collection)
      for (id, fields) in byID {
        var nested = ImportErrors()
        for (field, messages) in fields {
          for message in messages { nested.add(field, message) }
        }
        add(collection.rawValue, labels[id] ?? id, nested)
      }
    }
  }
}

extension WorkflowContent {
  /// What people call the entities of a list, by id. Those without a name have none here.
  fileprivate func labels(of collection: ValidationErrors.Collection) -> [String: String] {
    let entities: [any ImportedEntity] =
      switch collection {
      case .jobs: jobs
      case .triggers: triggers
      case .edges: edges
      }
    let names = NodeNames(self, before: nil)
    let labels = entities.map { ($0.id, $0.label(names)) }.filter { !$0.1.isEmpty }
    return Dictionary(labels) { first, _ in first }
  }
}
