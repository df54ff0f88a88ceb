/// A shared type of the XML family: fragment, element, text or hook. It can be read; editing it is not offered yet.
public struct YXml: TypeHandle {
  public let doc: Doc
  let type: TypeIndex

  /// The sorts of XML types.
  public enum Kind: Hashable, Sendable {
    case fragment
    case element(name: String)
    case text
    case hook(name: String)
  }

  /// Which sort it is.
  public var kind: Kind {
    let record = doc.store.types[type]
    let name = record.name == .none ? "" : doc.store.keys.string(record.name)
    return switch record.kind {
    case .xmlElement: .element(name: name)
    case .xmlHook: .hook(name: name)
    case .xmlText: .text
    default: .fragment
    }
  }

  /// Children of a fragment or element.
  public var children: [YElement] { doc.store.listElements(type).map { doc.element($0) } }

  /// Attributes of an element, or the content of a hook.
  public var attributes: YMap { YMap(doc: doc, type: type) }

  /// Content of an XML text.
  public var text: YText { YText(doc: doc, type: type) }

  /// The XML as Yjs' `toString` lays it out.
  public var string: String { doc.store.xmlString(type, depth: doc.limits.jsonDepth) }

  public var json: YValue { doc.store.json(type, depth: doc.limits.jsonDepth) }
}
