/// What stands at a place of a map, array or text: a plain value or a shared type.
public enum YElement {
  case value(YValue)
  case map(YMap)
  case array(YArray)
  case text(YText)
  /// A fragment, element, text or hook of XML.
  case xml(YXml)
  /// A document inside the document, named by its guid, with the options it was written with. Its content is
  /// synchronised separately.
  case subdocument(guid: String, options: YValue)
}

extension YElement {
  /// The plain value, if it is one.
  public var value: YValue? {
    if case .value(let value) = self { value } else { nil }
  }

  /// The map, if it is one.
  public var map: YMap? {
    if case .map(let map) = self { map } else { nil }
  }

  /// The array, if it is one.
  public var array: YArray? {
    if case .array(let array) = self { array } else { nil }
  }

  /// The text, if it is one.
  public var text: YText? {
    if case .text(let text) = self { text } else { nil }
  }

  /// The XML type, if it is one.
  public var xml: YXml? {
    if case .xml(let xml) = self { xml } else { nil }
  }

  /// Its present content as a plain value, as Yjs' `toJSON` gives it.
  public var json: YValue {
    switch self {
    case .value(let value): value
    case .map(let map): map.json
    case .array(let array): array.json
    case .text(let text): text.json
    case .xml(let xml): xml.json
    case .subdocument: .object(YObject())
    }
  }
}

extension Doc {
  /// The public face of an element.
  func element(_ element: ItemElement) -> YElement {
    switch element {
    case .value(let value): return .value(value)
    case .subdocument(let guid, let options): return .subdocument(guid: guid, options: options)
    case .type(let type):
      switch store.types[type].kind {
      case .map: return .map(YMap(doc: self, type: type))
      case .array: return .array(YArray(doc: self, type: type))
      case .text: return .text(YText(doc: self, type: type))
      case .xmlElement, .xmlFragment, .xmlHook, .xmlText: return .xml(YXml(doc: self, type: type))
      case .untyped:
        return store.types[type].first == .none
          ? .map(YMap(doc: self, type: type)) : .array(YArray(doc: self, type: type))
      }
    }
  }

  /// Checks that values can be stored.
  func check(_ values: some Sequence<YValue>, inArray: Bool = false) throws(YError) {
    for value in values {
      guard value.isNested(within: limits.valueDepth) else { throw .nestedTooDeep }
      guard inArray else { continue }
      switch value {
      case .undefined, .bigInt: throw .unsupportedValue
      default: break
      }
    }
  }
}
