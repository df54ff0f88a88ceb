extension Store {
  /// What a text shows, as insertions with their formats. A marker begins a new one even if it changes nothing.
  func textDelta(_ type: TypeIndex) -> [StoredDelta] {
    var builder = DeltaBuilder()
    var attributes = TextAttributes()
    var item = types[type].first
    while item != .none {
      let record = items[item]
      if !record.isDeleted {
        switch record.kind {
        case .string: builder.append(text(item), attributes)
        case .format:
          let (key, value) = format(item)
          builder.flush()
          attributes.apply(key, value)
        case .gc, .deleted, .skip: break
        case .any, .json, .binary, .embed, .type, .doc:
          for element in elements(item) { builder.append(element, attributes) }
        }
      }
      item = record.right
    }
    return builder.finish()
  }
}

/// One operation of a delta whose nested types are still table indexes.
enum StoredDelta {
  case insert(StoredInsert, YObject)
  case retain(Int, YObject)
  case delete(Int)
}

/// What is inserted.
enum StoredInsert {
  case string(String)
  case element(ItemElement)
  case elements([ItemElement])
}

/// Collects insertions into a delta.
private struct DeltaBuilder {
  private var operations: [StoredDelta] = []
  private var run = ""
  private var attributes = TextAttributes()

  mutating func append(_ text: String, _ attributes: TextAttributes) {
    self.attributes = attributes
    run += text
  }

  mutating func append(_ element: ItemElement, _ attributes: TextAttributes) {
    flush()
    operations.append(.insert(.element(element), attributes.object))
  }

  mutating func flush() {
    guard !run.isEmpty else { return }
    operations.append(.insert(.string(run), attributes.object))
    run = ""
  }

  mutating func finish() -> [StoredDelta] {
    flush()
    return operations
  }
}

extension TextAttributes {
  /// The values by key, parsed.
  var object: YObject {
    var object = YObject()
    for key in keys { object[key] = self[key]?.parsed ?? .null }
    return object
  }
}
