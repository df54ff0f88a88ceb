import FoundationEssentials
import Workflow

extension ProjectImport {
  /// Credentials are attached and never detached by an import; what is attached stays as it is. Only references are
  /// here, never secrets.
  func attachCredentials(to project: inout ProjectContent, _ foreignIDs: Set<String>, _ node: inout ImportNode) {
    for json in node.list("project_credentials") ?? [] {
      var entry = ImportNode(json, keys: ["id", "name", "owner"], needsID: false)
      var credential = ProjectCredential(id: entry.id ?? "", name: "", owner: "")
      entry.read("name", into: &credential.name)
      entry.read("owner", into: &credential.owner)
      if !project.isAttached(credential) {
        entry.checkName(credential.name, for: "name")
        entry.checkName(credential.owner, for: "owner")
        if foreignIDs.contains(credential.id) { entry.add("id", "has already been taken") }
        if credentialRule.attaches(credential, &entry) {
          if credential.id.isEmpty { credential.id = UUID().uuidString.lowercased() }
          project.credentials.append(credential)
        }
      }
      node.add("project_credentials", credential.name.isEmpty ? credential.id : credential.name, entry.errors)
    }
  }

  /// A collection holds data, so being left out does not delete it.
  func readCollections(of project: inout ProjectContent, _ foreignIDs: Set<String>, _ node: inout ImportNode) {
    for json in node.list("collections") ?? [] {
      var entry = ImportNode(json, keys: ["id", "name", "delete"], tolerated: ["project_id"])
      let index = project.collections.firstIndex { $0.id == entry.id }
      let known = index.map { project.collections[$0] }
      var collection = known ?? ProjectCollection(id: entry.id ?? "", name: "")
      entry.read("name", into: &collection.name)
      if foreignIDs.contains(collection.id) { entry.add("id", "has already been taken") }
      if entry.isDelete {
        if known != collection { entry.add("delete", "cannot change or add a record while deleting") }
        if let index { project.collections.remove(at: index) }
      } else {
        if collection != known { check(collection, project, &entry) }
        if let index { project.collections[index] = collection } else { project.collections.append(collection) }
      }
      node.add("collections", collection.name.isEmpty ? collection.id : collection.name, entry.errors)
    }
  }

  private func check(_ collection: ProjectCollection, _ project: ProjectContent, _ entry: inout ImportNode) {
    let name = collection.name
    if name.isEmpty { return entry.add("name", "can't be blank") }
    let isSafe = name.utf8.allSatisfy { byte in
      (97...122).contains(byte) || (48...57).contains(byte) || "-_.".utf8.contains(byte)
    }
    if !isSafe || name.utf8.count > 255 { entry.add("name", "Collection name must be URL safe") }
    if project.collections.contains(where: { $0.id != collection.id && $0.name == name }) {
      entry.add("name", "A collection with this name already exists")
    }
  }
}
