/// A text among XML nodes.
public struct YXmlText: XmlChildHandle {
  public let doc: Doc
  let type: TypeIndex

  /// The text itself, for reading and for editing.
  public var text: YText { YText(doc: doc, type: type) }

  /// The text with its formats as XML elements, as Yjs' `toString` lays it out.
  public var string: String { doc.store.xmlString(type, depth: doc.limits.jsonDepth) }

  public var json: YValue { .string(string) }
}
