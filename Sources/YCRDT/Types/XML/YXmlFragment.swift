/// A list of XML nodes without a name of its own: the root of an XML tree.
public struct YXmlFragment: XmlContainerHandle {
  public let doc: Doc
  let type: TypeIndex

  /// The XML as Yjs' `toString` lays it out.
  public var string: String { doc.store.xmlString(type, depth: doc.limits.jsonDepth) }

  public var json: YValue { .string(string) }
}
