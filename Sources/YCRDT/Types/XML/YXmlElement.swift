/// An XML element: a name, attributes and children.
public struct YXmlElement: XmlContainerHandle, XmlChildHandle {
  public let doc: Doc
  let type: TypeIndex

  /// The name as it was written. `string` shows it in lower case, as Yjs does. A root element has none.
  public var name: String { doc.store.xmlName(type) }

  /// The attributes. Yjs allows values of any kind, strings are usual.
  public var attributes: YMap { YMap(doc: doc, type: type) }

  /// The XML as Yjs' `toString` lays it out.
  public var string: String { doc.store.xmlString(type, depth: doc.limits.jsonDepth) }

  public var json: YValue { .string(string) }
}

extension Store {
  /// The name of an XML element or hook, empty if it has none.
  func xmlName(_ type: TypeIndex) -> String {
    let record = types[type]
    return record.isRoot || record.name == .none ? "" : keys.string(record.name)
  }
}
