/// XML types as text, laid out as Yjs' `toString` does.
extension Store {
  func xmlString(_ type: TypeIndex, depth: Int) -> String {
    guard depth > 0 else { return "" }
    switch types[type].kind {
    case .xmlElement: return xmlElement(type, depth: depth)
    case .xmlText, .text: return xmlText(type, depth: depth)
    case .array, .map, .xmlFragment, .xmlHook, .untyped: return xmlChildren(type, depth: depth)
    }
  }

  private func xmlChildren(_ type: TypeIndex, depth: Int) -> String {
    listElements(type).map { child in
      if case .type(let type) = child {
        return typeString(type, depth: depth - 1)
      }
      return Self.plain(json(child, depth: 1))
    }.joined()
  }

  /// A type inside XML as JavaScript puts it into a string.
  private func typeString(_ type: TypeIndex, depth: Int) -> String {
    switch types[type].kind {
    case .xmlHook, .map, .array: "[object Object]"
    case .text: string(type)
    case .xmlElement, .xmlFragment, .xmlText, .untyped: xmlString(type, depth: depth)
    }
  }

  private func xmlElement(_ type: TypeIndex, depth: Int) -> String {
    let name =
      types[type].isRoot || types[type].name == .none ? "undefined" : keys.string(types[type].name).lowercased()
    var attributes: [(String, String)] = []
    for (key, item) in liveKeys(type) {
      let value = lastElement(item)
      if case .type(let type) = value {
        attributes.append((keys.string(key), typeString(type, depth: depth - 1)))
      } else {
        attributes.append((keys.string(key), Self.plain(json(value, depth: depth))))
      }
    }
    let list = attributes.sorted { $0.0 < $1.0 }.map { " \($0.0)=\"\($0.1)\"" }.joined()
    return "<\(name)\(list)>\(xmlChildren(type, depth: depth))</\(name)>"
  }

  private func xmlText(_ type: TypeIndex, depth: Int) -> String {
    textDelta(type).map { operation in
      guard case .insert(let content, let attributes) = operation else { return "" }
      let nodes = attributes.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
      var text = ""
      for (name, value) in nodes {
        text += "<\(name)"
        for (key, value) in (value.object.map { Array($0) } ?? []).sorted(by: { $0.key < $1.key }) {
          text += " \(key)=\"\(Self.plain(value))\""
        }
        text += ">"
      }
      switch content {
      case .string(let string): text += string
      case .element(.value(let value)): text += Self.plain(value)
      case .element(.type(let embedded)): text += typeString(embedded, depth: depth - 1)
      case .element(.subdocument), .elements: text += "[object Object]"
      }
      return text + nodes.reversed().map { "</\($0.0)>" }.joined()
    }.joined()
  }

  /// A value as JavaScript puts it into a string.
  private static func plain(_ value: YValue) -> String {
    switch value {
    case .string(let string): return string
    case .undefined: return "undefined"
    case .object: return "[object Object]"
    case .array(let elements):
      return elements.map { $0 == .null || $0 == .undefined ? "" : plain($0) }.joined(separator: ",")
    case .null, .bool, .int, .float, .bigInt, .binary:
      var writer = ByteWriter()
      value.writeJSON(&writer)
      return writer.withBytes { String(decoding: $0, as: UTF8.self) }
    }
  }
}
