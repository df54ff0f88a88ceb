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

  /// Edits the text by a delta. Formats retained behind the text's end add line breaks, as Yjs does.
  public func apply(_ delta: [Delta]) throws(YError) {
    let author = try doc.author(writing: type)
    let delta = try checked(delta)
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

  /// Checks a whole delta before anything is changed, and moves what lies inside surrogate pairs.
  private func checked(_ delta: [Delta]) throws(YError) -> [Delta] {
    var size = 0
    var index = 0
    var result: [Delta] = []
    for step in delta {
      switch step {
      case .insert(let string, let attributes):
        try doc.check(attributes)
        size += string.utf8.count
        result.append(step)
      case .insertEmbed(let value, let attributes):
        try doc.check(attributes)
        try doc.checkJSON(value)
        result.append(step)
      case .retain(let count, let attributes):
        try doc.check(attributes)
        let range = try moved(count, from: index, mayPass: true)
        size += max(0, range.upperBound - max(range.lowerBound, length))
        result.append(.retain(range.upperBound - index, attributes: attributes))
        index = range.upperBound
      case .delete(let count):
        let range = try moved(count, from: index, mayPass: false)
        result.append(.delete(range.upperBound - index))
        index = range.upperBound
      }
      try doc.reserve(size)
    }
    return result
  }

  private func moved(_ count: Int, from index: Int, mayPass: Bool) throws(YError) -> Range<Int> {
    let (end, overflows) = index.addingReportingOverflow(count)
    guard count >= 0, !overflows else { throw .outOfBounds(index: end, count: length) }
    if index > length {
      guard mayPass || count == 0 else { throw .outOfBounds(index: end, count: length) }
      try doc.reserve(end - length)
      return index..<end
    }
    return try checkedRange(index..<end, mayPass: mayPass)
  }
}
