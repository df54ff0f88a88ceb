/// What stands at a place of a map, array or text: a plain value or a shared type.
public enum YElement {
  /// A plain value.
  case value(YValue)
  /// A shared map.
  case map(YMap)
  /// A shared array.
  case array(YArray)
  /// A shared text.
  case text(YText)
  /// A shared list of XML nodes.
  case xmlFragment(YXmlFragment)
  /// A shared XML element.
  case xmlElement(YXmlElement)
  /// A shared text among XML nodes.
  case xmlText(YXmlText)
  /// A shared map among XML nodes.
  case xmlHook(YXmlHook)
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

  /// The XML fragment, if it is one.
  public var xmlFragment: YXmlFragment? {
    if case .xmlFragment(let fragment) = self { fragment } else { nil }
  }

  /// The XML element, if it is one.
  public var xmlElement: YXmlElement? {
    if case .xmlElement(let element) = self { element } else { nil }
  }

  /// The XML text, if it is one.
  public var xmlText: YXmlText? {
    if case .xmlText(let text) = self { text } else { nil }
  }

  /// The XML hook, if it is one.
  public var xmlHook: YXmlHook? {
    if case .xmlHook(let hook) = self { hook } else { nil }
  }

  /// The shared type, if it is one.
  public var sharedType: (any SharedType)? {
    switch self {
    case .map(let map): map
    case .array(let array): array
    case .text(let text): text
    case .xmlFragment(let fragment): fragment
    case .xmlElement(let element): element
    case .xmlText(let text): text
    case .xmlHook(let hook): hook
    case .value, .subdocument: nil
    }
  }

  /// Its present content as a plain value, as Yjs' `toJSON` gives it.
  public var json: YValue {
    switch self {
    case .value(let value): value
    case .subdocument: .object(YObject())
    default: sharedType?.json ?? .null
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
      case .xmlFragment: return .xmlFragment(YXmlFragment(doc: self, type: type))
      case .xmlElement: return .xmlElement(YXmlElement(doc: self, type: type))
      case .xmlText: return .xmlText(YXmlText(doc: self, type: type))
      case .xmlHook: return .xmlHook(YXmlHook(doc: self, type: type))
      case .untyped:
        return store.types[type].first == .none
          ? .map(YMap(doc: self, type: type)) : .array(YArray(doc: self, type: type))
      }
    }
  }
}
