/// A place among XML nodes that a program fills: a map with a name.
public struct YXmlHook: XmlChildHandle {
  public let doc: Doc
  let type: TypeIndex

  /// The name by which programs recognise the hook.
  public var name: String { doc.store.xmlName(type) }

  /// What the hook holds.
  public var map: YMap { YMap(doc: doc, type: type) }

  public var json: YValue { map.json }
}
