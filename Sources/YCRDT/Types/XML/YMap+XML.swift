/// XML types as values of a map.
extension YMap {
  /// Gives the key a new, empty XML fragment.
  @discardableResult
  public func setXmlFragment(_ key: String) throws(YError) -> YXmlFragment {
    YXmlFragment(doc: doc, type: try setType(key, .xmlFragment))
  }

  /// Gives the key a new XML element without attributes and children.
  @discardableResult
  public func setXmlElement(_ key: String, _ name: String) throws(YError) -> YXmlElement {
    YXmlElement(doc: doc, type: try setType(key, .xmlElement, name: name))
  }

  /// Gives the key a new XML text.
  @discardableResult
  public func setXmlText(_ key: String, _ string: String = "") throws(YError) -> YXmlText {
    try doc.reserve(string.utf8.count)
    let text = YXmlText(doc: doc, type: try setType(key, .xmlText))
    try text.text.append(string)
    return text
  }
}

/// XML types as elements of an array.
extension YArray {
  /// Inserts a new, empty XML fragment, at the end if no index is given.
  @discardableResult
  public func insertXmlFragment(at index: Int? = nil) throws(YError) -> YXmlFragment {
    YXmlFragment(doc: doc, type: try insertType(.xmlFragment, at: index))
  }

  /// Inserts a new XML element without attributes and children, at the end if no index is given.
  @discardableResult
  public func insertXmlElement(_ name: String, at index: Int? = nil) throws(YError) -> YXmlElement {
    YXmlElement(doc: doc, type: try insertType(.xmlElement, name: name, at: index))
  }

  /// Inserts a new XML text, at the end if no index is given.
  @discardableResult
  public func insertXmlText(_ string: String = "", at index: Int? = nil) throws(YError) -> YXmlText {
    try doc.reserve(string.utf8.count)
    let text = YXmlText(doc: doc, type: try insertType(.xmlText, at: index))
    try text.text.append(string)
    return text
  }
}
