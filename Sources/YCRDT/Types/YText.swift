/// A shared text with formats. All indexes and lengths count UTF-16 code units, as in Yjs; an embed counts one.
///
/// What happens at an index inside a surrogate pair is up to ``Doc/surrogatePairs``: unless set, an error.
public struct YText: TypeHandle {
  public let doc: Doc
  let type: TypeIndex

  /// Length in UTF-16 code units, embeds included. O(1).
  public var utf16Count: Int { length }

  /// The text without formats and embeds.
  public var string: String { doc.store.string(type) }

  /// Whether the text consists of these characters, in the same spelling: what would do `string.utf8.elementsEqual`,
  /// without making the string.
  public func isSpelled(_ other: String) -> Bool {
    var other = other
    return other.withUTF8 { doc.store.string(type, isEqualTo: $0) }
  }

  public var json: YValue { .string(string) }

  // MARK: - Writing

  /// Inserts text. Without `attributes` it takes on the formats in force at the place; with them it gets exactly these.
  public func insert(_ string: String, at index: Int, attributes: YObject? = nil) throws(YError) {
    let author = try doc.author(writing: type)
    let index = try checkedIndex(index)
    try doc.check(attributes)
    try doc.reserve(string.utf8.count)
    guard !string.isEmpty else { return }
    if attributes == nil, !doc.store.types[type].hasFormatting { return insertPlain(string, author, index) }
    var position = doc.store.textPosition(type, index)
    let wanted = attributes.map { TextAttributes($0) } ?? position.attributes
    insert(string, author, &position, wanted)
  }

  /// Where there is no format, text goes right behind the deleted items that stand at the place.
  private func insertPlain(_ string: String, _ author: ClientIndex, _ index: Int) {
    var string = string
    string.withUTF8 { utf8 in
      let left = doc.store.behindDeleted(type, doc.store.listPosition(type, index))
      _ = doc.store.insertText(author, utf8, in: type, after: left)
    }
  }

  func insert(
    _ string: String, _ author: ClientIndex, _ position: inout TextPosition, _ wanted: TextAttributes
  ) {
    var string = string
    string.withUTF8 { utf8 in
      doc.store.insertFormatted(author, type, &position, wanted) { store, left in
        store.insertText(author, utf8, in: type, after: left)
      }
    }
  }

  /// Inserts text at the end.
  public func append(_ string: String) throws(YError) {
    try insert(string, at: length)
  }

  /// Removes a range of the text.
  public func remove(_ range: Range<Int>) throws(YError) {
    _ = try doc.author(writing: type)
    let range = try checkedRange(range)
    guard !range.isEmpty else { return }
    var position = doc.store.textPosition(type, range.lowerBound)
    doc.store.deleteText(type, &position, range.count)
  }

  /// Gives a range of the text formats; null ends a format. Behind the text's end line breaks are added, as Yjs does.
  public func format(_ range: Range<Int>, _ attributes: YObject) throws(YError) {
    let author = try doc.author(writing: type)
    let range = try checkedRange(range, mayPass: true)
    try doc.check(attributes)
    guard !range.isEmpty else { return }
    var position = doc.store.textPosition(type, range.lowerBound)
    guard position.right != .none else { return }
    doc.store.formatText(author, type, &position, range.count, TextAttributes(attributes))
  }

  /// Inserts an embedded value, which counts as one unit.
  public func insertEmbed(_ value: YValue, at index: Int, attributes: YObject? = nil) throws(YError) {
    let author = try doc.author(writing: type)
    let index = try checkedIndex(index)
    try doc.checkJSON(value)
    try doc.check(attributes)
    var position = doc.store.textPosition(type, index)
    let wanted = attributes.map { TextAttributes($0) } ?? (position.attributes)
    insert(value, author, &position, wanted)
  }

  func insert(
    _ embed: YValue, _ author: ClientIndex, _ position: inout TextPosition, _ wanted: TextAttributes
  ) {
    var json = ByteWriter()
    embed.writeJSON(&json)
    var content = ByteWriter()
    json.withBytes { content.prefixed($0) }
    content.withBytes { bytes in
      doc.store.insertFormatted(author, type, &position, wanted) { store, left in
        store.insertBytes(author, .embed, bytes, in: type, after: left)
      }
    }
  }
}
