extension Doc {
  /// The documents inside this one, in the order of their ids. O(size of the document) the first time.
  public var subdocuments: [Subdocument] {
    trackSubdocuments()
    return subdocumentTable.byID.values.sorted { ($0.id.client, $0.id.clock) < ($1.id.client, $1.id.clock) }
  }

  /// Calls `handler` when documents inside this one come, go or are loaded: with all changes of a transaction after
  /// its end.
  public func observeSubdocuments(_ handler: @escaping (SubdocumentEvent) -> Void) -> Subscription {
    trackSubdocuments()
    let number = subdocumentTable.observers.add(handler)
    return Subscription { [weak self] in self?.subdocumentTable.observers.remove(number) }
  }

  private func trackSubdocuments() {
    guard !subdocumentTable.isTracked else { return }
    subdocumentTable.isTracked = true
    for client in 0..<UInt32(store.clients.count) {
      for item in store.documentItems(client, 0..<store.clients.records[client].next) where !store.items[item].isDeleted
      {
        _ = addSubdocument(item)
      }
    }
  }

  private func addSubdocument(_ item: ItemIndex) -> Subdocument? {
    guard case .subdocument(let guid, let options) = store.lastElement(item) else { return nil }
    let id = store.id(of: item)
    let known = Subdocument.Options(options)
    let document =
      subdocumentTable.written.removeValue(forKey: id)
      ?? Subdocument(guid, known, isLoaded: known.autoLoad, in: self, at: id)
    subdocumentTable.byID[id] = document
    return document
  }

  /// What the transaction that is ending means for the documents inside; nil if nothing.
  func collectSubdocumentEvent() -> SubdocumentEvent? {
    var (added, removed): ([Subdocument], [Subdocument]) = ([], [])
    for number in 0..<UInt32(store.transaction.touched.count) {
      let client = store.transaction.touched[number]
      let record = store.clients.records[client]
      for item in store.documentItems(client, record.before..<record.next) where !store.items[item].isDeleted {
        if subdocumentTable.byID[store.id(of: item)] == nil, let new = addSubdocument(item) { added.append(new) }
      }
    }
    for number in 0..<UInt32(store.transaction.deletions.count) {
      let deletion = store.transaction.deletions[number]
      for item in store.documentItems(deletion.client, deletion.clock..<deletion.end) {
        if let gone = subdocumentTable.byID.removeValue(forKey: store.id(of: item)) { removed.append(gone) }
      }
    }
    subdocumentTable.written = [:]
    guard !added.isEmpty || !removed.isEmpty else { return nil }
    return SubdocumentEvent(added: added, removed: removed, loaded: added.filter(\.isLoaded))
  }

  func announce(_ event: SubdocumentEvent) {
    for number in subdocumentTable.observers.numbers { subdocumentTable.observers.handler(number)?(event) }
  }

  func replaceSubdocument(_ old: Subdocument) {
    guard subdocumentTable.byID[old.id] === old else { return }
    let new = Subdocument(old.guid, old.options, isLoaded: false, in: self, at: old.id)
    subdocumentTable.byID[old.id] = new
    announce(SubdocumentEvent(added: [new], removed: [old], loaded: []))
  }

  fileprivate func subdocument(_ item: ItemIndex) -> Subdocument? {
    guard item != .none, store.items[item].kind == .doc else { return nil }
    trackSubdocuments()
    return subdocumentTable.byID[store.id(of: item)] ?? subdocumentTable.written[store.id(of: item)]
  }

  fileprivate func write(
    _ guid: String, _ options: Subdocument.Options, _ author: ClientIndex, in type: TypeIndex, after left: ItemIndex,
    key: KeyIndex = .none
  ) -> Subdocument {
    trackSubdocuments()
    var content = ByteWriter()
    content.string(guid)
    content.any(options.value)
    let item = content.withBytes { store.insertBytes(author, .doc, $0, in: type, after: left, key: key) }
    let id = store.id(of: item)
    let document = Subdocument(guid, options, isLoaded: true, in: self, at: id)
    subdocumentTable.written[id] = document
    return document
  }

  fileprivate func checkSubdocument(_ guid: String, _ options: Subdocument.Options) throws(YError) {
    try reserve(guid.utf8.count)
    try check(CollectionOfOne(options.value))
  }

  /// A random name, in the form of a UUID.
  public static func randomGUID() -> String {
    var digits = (0..<32).map { _ in "0123456789abcdef".randomElement() ?? "0" }
    digits[12] = "4"
    for place in [20, 16, 12, 8] { digits.insert("-", at: place) }
    return String(digits)
  }
}

extension Subdocument.Options {
  /// The options that a peer wrote; what is of another kind than it should be is left out.
  init(_ value: YValue) {
    let members = value.object
    collectsGarbage = members?["gc"]?.bool ?? true
    autoLoad = members?["autoLoad"]?.bool ?? false
    if let meta = members?["meta"], meta != .null { self.meta = meta }
  }

  /// The options as Yjs writes them.
  var value: YValue {
    var members = YObject()
    if !collectsGarbage { members["gc"] = false }
    if autoLoad { members["autoLoad"] = true }
    members["meta"] = meta
    return .object(members)
  }
}

extension YMap {
  /// Gives the key a document inside this one, new or of a known name.
  @discardableResult
  public func setDocument(
    _ key: String, guid: String = Doc.randomGUID(), options: Subdocument.Options = .init()
  ) throws(YError) -> Subdocument {
    let author = try doc.author(writing: type)
    try doc.checkSubdocument(guid, options)
    try doc.reserve(key.utf8.count)
    let index = doc.store.keys.intern(key)
    return doc.write(guid, options, author, in: type, after: doc.store.chainEnd(type, index), key: index)
  }

  /// The document that the key holds, if it is one.
  public func document(_ key: String) -> Subdocument? {
    doc.subdocument(doc.store.liveItem(type, doc.store.keys.find(key)))
  }
}

extension YArray {
  /// Inserts a document inside this one, new or of a known name.
  @discardableResult
  public func insertDocument(
    guid: String = Doc.randomGUID(), options: Subdocument.Options = .init(), at index: Int
  ) throws(YError) -> Subdocument {
    let author = try doc.author(writing: type)
    try check(index)
    try doc.checkSubdocument(guid, options)
    return doc.write(guid, options, author, in: type, after: doc.store.listPosition(type, index))
  }

  /// The document at an index, if it is one.
  public func document(at index: Int) -> Subdocument? {
    guard index >= 0, index < length else { return nil }
    let id = doc.store.unit(type, index)
    return doc.subdocument(doc.store.find(doc.store.clients.find(id.client), id.clock))
  }
}

extension Store {
  /// The items among some clocks of a client that hold a document.
  func documentItems(_ client: ClientIndex, _ clocks: Range<UInt64>) -> [ItemIndex] {
    guard !clocks.isEmpty else { return [] }
    let index = clients.records[client].items
    var result: [ItemIndex] = []
    var next: ClockIndex.Position? = index.locate(clocks.lowerBound)
    while let position = next, items[index.item(at: position)].clock < clocks.upperBound {
      if items[index.item(at: position)].kind == .doc { result.append(index.item(at: position)) }
      next = index.next(position)
    }
    return result
  }
}
