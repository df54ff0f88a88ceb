extension YText {
  /// One step of a delta.
  public enum Delta: Hashable, Sendable {
    /// Text, with its formats.
    case insert(String, attributes: YObject)
    /// An embedded value, with its formats. Nested shared types appear as their JSON.
    case insertEmbed(YValue, attributes: YObject)
    /// Leaves units as they are, but for the formats given.
    case retain(Int, attributes: YObject)
    /// Removes units.
    case delete(Int)
  }

  /// The text as insertions with their formats.
  public var delta: [Delta] {
    doc.store.textDelta(type).compactMap { operation in
      switch operation {
      case .insert(.string(let string), let attributes): .insert(string, attributes: attributes)
      case .insert(.element(let element), let attributes):
        .insertEmbed(doc.element(element).json, attributes: attributes)
      default: nil
      }
    }
  }

  /// The attributes of the text as a whole.
  public var attributes: YMap { YMap(doc: doc, type: type) }

  /// Edits the text by a delta.
  public func apply(_ delta: [Delta]) throws(YError) {
    let author = try doc.author(writing: type)
    var position = doc.store.textPosition(type, 0)
    for step in delta {
      switch step {
      case .insert(let string, let attributes):
        if !string.isEmpty { insert(string, author, &position, TextAttributes(attributes)) }
      case .insertEmbed(let value, let attributes): insert(value, author, &position, TextAttributes(attributes))
      case .retain(let count, let attributes):
        doc.store.formatText(author, type, &position, count, TextAttributes(attributes))
      case .delete(let count): doc.store.deleteText(type, &position, count)
      }
    }
  }
}
