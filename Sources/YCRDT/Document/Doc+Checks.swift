/// What every local edit is held to before it changes anything.
extension Doc {
  /// Checks that a type can be written now and returns the author.
  func author(writing type: TypeIndex) throws(YError) -> ClientIndex {
    guard isInTransaction else { throw .noTransaction }
    guard store.isAlive(type) else { throw .typeDeleted }
    return try author()
  }

  /// Checks that something can be written now and returns the author.
  func author() throws(YError) -> ClientIndex {
    guard clientID <= ByteReader.maxNumber else { throw .unusableClientID(clientID) }
    guard store.clients.count < limits.clients || store.clients.find(clientID) != .none else { throw .limit("clients") }
    let author = store.clients.intern(clientID)
    // Far more than one edit can take up.
    guard store.clients.records[author].next < ByteReader.maxNumber - 1 << 32 else { throw .unusableClientID(clientID) }
    forgetAppliedUpdate()
    return author
  }

  /// Checks that the content of one edit has room.
  func reserve(_ byteCount: Int) throws(YError) {
    guard byteCount > 0 else { return }
    guard store.hasRoom(byteCount) else { throw .limit("contentBytes") }
  }

  /// Checks that a map key or a name of an XML element has room.
  func reserve(key: String) throws(YError) {
    try reserve(key.utf8.count)
    guard store.keys.count < limits.keys || store.keys.find(key) != .none else { throw .limit("keys") }
  }

  /// Checks that one more shared type, of this name, has room.
  func reserveType(name: String?) throws(YError) {
    guard store.types.count < limits.types else { throw .limit("types") }
    if let name { try reserve(key: name) }
  }

  /// Checks that values can be stored, and have room.
  func check(_ values: some Sequence<YValue>, inArray: Bool = false) throws(YError) {
    var size = 0
    for value in values {
      if inArray, value.hasNoJSON { throw .unsupportedValue }
      try value.addSize(&size, depth: limits.valueDepth)
    }
    try reserve(size)
  }

  /// Checks that a value can be stored as JSON, and has room.
  func checkJSON(_ value: YValue) throws(YError) {
    guard !value.hasNoJSON else { throw .unsupportedValue }
    var size = 0
    try value.addSize(&size, depth: limits.valueDepth)
    // A control character becomes six.
    try reserve(size * 6)
  }

  /// Checks that formats can be stored, and have room.
  func check(_ attributes: YObject?) throws(YError) {
    guard let attributes, !attributes.isEmpty else { return }
    for (key, value) in attributes {
      try checkJSON(value)
      try reserve(key.utf8.count)
    }
  }
}

extension YValue {
  fileprivate var hasNoJSON: Bool {
    switch self {
    case .undefined, .bigInt: true
    default: false
    }
  }

  /// Adds at least as many bytes as the value takes on the wire.
  fileprivate func addSize(_ size: inout Int, depth: Int) throws(YError) {
    switch self {
    case .undefined, .null, .bool: size += 5
    case .int(let value):
      guard Int64(exactly: Double(value)) == value else { throw .inexactInteger(value) }
      size += 20
    case .float, .bigInt: size += 24
    case .string(let text): size += text.utf8.count + 11
    case .binary(let bytes): size += bytes.count + 11
    case .array(let elements):
      guard depth > 0 else { throw .nestedTooDeep }
      size += 11
      for element in elements { try element.addSize(&size, depth: depth - 1) }
    case .object(let members):
      guard depth > 0 else { throw .nestedTooDeep }
      size += 11
      for (key, value) in members {
        size += key.utf8.count + 11
        try value.addSize(&size, depth: depth - 1)
      }
    }
  }
}
