extension YMap {
  /// Gives the key what `value` encodes itself to, as a plain value or as new shared types.
  public func set(_ value: some Encodable, forKey key: String, as encoding: YEncoding) throws {
    let node = try ValueEncoder.encode(value, encoding)
    _ = try doc.author(writing: type)
    try doc.check(node, encoding)
    try doc.reserve(key.utf8.count)
    try put(node, key, encoding)
  }

  /// Changes the map so that it decodes as `value`, and no more than that needs.
  ///
  /// What is equal stays untouched. Shared maps, arrays and texts that are there already are updated in place, so that
  /// what others write to them meanwhile is kept; `encoding` decides what becomes of new ones. Optionals without a
  /// value remove their key. Keys that the type does not know stay; if it is a dictionary, keys it does not have go.
  public func update(from value: some Encodable, as encoding: YEncoding) throws {
    let node = try ValueEncoder.encode(value, encoding)
    _ = try doc.author(writing: type)
    guard case .object(let members) = node.asObject else {
      let why = "a map is updated from what encodes as an object, not from \(node.plain.shortDescription)"
      throw EncodingError.invalidValue(value, .init(codingPath: [], debugDescription: why))
    }
    try doc.check(node, encoding)
    try update(members, encoding)
  }

  fileprivate func put(_ node: EncodedNode, _ key: String, _ encoding: YEncoding) throws(YError) {
    switch node.form(under: key, encoding) {
    case .text(let string): try setText(key, string)
    case .array(let elements): try setArray(key).fill(elements, key, encoding)
    case .object(let members): try setMap(key).fill(members, encoding)
    case .plain(let value): try set(key, value)
    }
  }

  fileprivate func fill(_ members: EncodedNode.Members, _ encoding: YEncoding) throws(YError) {
    for (key, node) in members.list {
      if let node { try put(node, key, encoding) }
    }
  }

  fileprivate func update(_ members: EncodedNode.Members, _ encoding: YEncoding) throws(YError) {
    if members.isWhole { for key in keys where members[key] == nil { try removeValue(forKey: key) } }
    for (key, node) in members.list {
      guard let node else {
        try removeValue(forKey: key)
        continue
      }
      if let old = self[key], try old.update(to: node, key, encoding) { continue }
      try put(node, key, encoding)
    }
  }
}

extension YArray {
  /// Appends one element: what `value` encodes itself to, as a plain value or as a new shared type.
  public func append(_ value: some Encodable, as encoding: YEncoding) throws {
    try insert(value, at: count, as: encoding)
  }

  /// Inserts one element: what `value` encodes itself to, as a plain value or as a new shared type.
  public func insert(_ value: some Encodable, at index: Int, as encoding: YEncoding) throws {
    let node = try ValueEncoder.encode(value, encoding)
    _ = try doc.author(writing: type)
    try check(index)
    try doc.check(node, encoding, inArray: true)
    try put([node], nil, at: index, encoding)
  }

  /// Changes the array so that it decodes as `values`, and no more than that needs.
  ///
  /// What is equal at the start and at the end stays untouched. If as many elements are between as before, these are
  /// updated one by one, shared types in place; otherwise they are replaced.
  public func update(from values: [some Encodable], as encoding: YEncoding) throws {
    let root = EncodedNode()
    root.elements = try values.map { try ValueEncoder.encode($0, encoding) }
    _ = try doc.author(writing: type)
    try doc.check(root, encoding, inArray: true)
    try update(root.elements, nil, encoding)
  }

  fileprivate func fill(_ elements: [EncodedNode], _ key: String?, _ encoding: YEncoding) throws(YError) {
    try put(elements[...], key, at: 0, encoding)
  }

  /// Inserts elements: runs of plain values as one, as Yjs does.
  private func put(
    _ nodes: ArraySlice<EncodedNode>, _ key: String?, at start: Int, _ encoding: YEncoding
  ) throws(YError) {
    var index = start
    var run: [YValue] = []
    for node in nodes {
      let form = node.form(under: key, encoding)
      if case .plain(let value) = form {
        run.append(value)
        continue
      }
      try insert(run, at: index)
      index += run.count
      run = []
      switch form {
      case .text(let string): try insertText(string, at: index)
      case .array(let elements): try insertArray(at: index).fill(elements, key, encoding)
      case .object(let members): try insertMap(at: index).fill(members, encoding)
      case .plain: break
      }
      index += 1
    }
    try insert(run, at: index)
  }

  fileprivate func update(_ nodes: [EncodedNode], _ key: String?, _ encoding: YEncoding) throws(YError) {
    let old = elements
    let common = Swift.min(old.count, nodes.count)
    var start = 0
    while start < common, old[start].json.reads(like: nodes[start].plain) { start += 1 }
    var end = 0
    while end < common - start,
      old[old.count - 1 - end].json.reads(like: nodes[nodes.count - 1 - end].plain)
    {
      end += 1
    }
    let (gone, new) = (start..<old.count - end, nodes[start..<nodes.count - end])
    guard gone.count == new.count else {
      try removeSubrange(gone)
      return try put(new, key, at: start, encoding)
    }
    for index in gone where try !old[index].update(to: new[index], key, encoding) {
      try remove(at: index)
      try put(new[index...index], key, at: index, encoding)
    }
  }
}

extension YElement {
  /// Makes the element show what is encoded, if that is possible in place. Returns whether it was.
  fileprivate func update(to node: EncodedNode, _ key: String?, _ encoding: YEncoding) throws(YError) -> Bool {
    switch (self, node.content) {
    case (.map(let map), .object(let members)): try map.update(members, encoding)
    case (.array(let array), .array(let elements)): try array.update(elements, key, encoding)
    case (.text(let text), .value(.string(let string))): try text.replace(with: string)
    case (.value(let value), _):
      if case .plain(let new) = node.form(under: key, encoding) { return value.reads(like: new) }
      return false
    default: return false
    }
    return true
  }
}
