import Workflow

/// Which documents of which projects are open.
struct OpenProjects {
  private var documents: [String: Set<DocumentName>] = [:]
  private var projects: [DocumentName: String] = [:]

  func documents(of project: String) -> Set<DocumentName> { documents[project] ?? [] }

  /// The project of an open document, where it has one.
  func project(of document: DocumentName) -> String? { projects[document] }

  mutating func add(_ document: DocumentName, to project: String) {
    remove(document)
    projects[document] = project
    documents[project, default: []].insert(document)
  }

  mutating func remove(_ document: DocumentName) {
    guard let project = projects.removeValue(forKey: document) else { return }
    documents[project]?.remove(document)
    if documents[project]?.isEmpty == true { documents[project] = nil }
  }
}
