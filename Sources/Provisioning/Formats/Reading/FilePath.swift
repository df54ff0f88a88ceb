/// The way from the top of a project file to something in it.
struct FilePath: Hashable, Sendable, CustomStringConvertible {
  enum Component: Hashable, Sendable {
    case key(String)
    /// An element of a list, and what people call it.
    case element(Int, label: String)
  }

  var components: [Component] = []

  static func / (path: FilePath, key: String) -> FilePath {
    FilePath(components: path.components + [.key(key)])
  }

  func element(_ index: Int, label: String?) -> FilePath {
    FilePath(components: components + [.element(index, label: label ?? "\(index)")])
  }

  var description: String {
    components.map { component in
      switch component {
      case .key(let key): key
      case .element(_, let label): label
      }
    }.joined(separator: ".")
  }

  /// The place of what the path names in a tree, or of the last part of the way that is there.
  func mark(in root: YAMLNode) -> YAMLMark {
    var node = root
    var mark = root.mark
    for component in components {
      switch (component, node.value) {
      case (.key(let key), .map(let members)):
        guard let member = members.first(where: { $0.key == key }) else { return mark }
        (node, mark) = (member.value, member.mark)
      case (.element(let index, _), .list(let elements)):
        guard elements.indices.contains(index) else { return mark }
        (node, mark) = (elements[index], elements[index].mark)
      default: return mark
      }
    }
    return mark
  }

  /// Whether what the path names is in the tree.
  func exists(in root: YAMLNode) -> Bool {
    var node = root
    for component in components {
      switch (component, node.value) {
      case (.key(let key), .map): guard let next = node[key] else { return false }; node = next
      case (.element(let index, _), .list(let elements)) where elements.indices.contains(index): node = elements[index]
      default: return false
      }
    }
    return true
  }
}
