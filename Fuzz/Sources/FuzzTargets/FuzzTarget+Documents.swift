import YCRDT

extension FuzzTarget {
  /// A document with something of everything, for updates that refer to content. Its clients are 1 and 5.
  static func base() throws(Finding) -> Doc {
    try accepted("the base") {
      let doc = Doc(clientID: 1)
      doc.surrogatePairs = .tear
      try doc.transact {
        try doc.text("t").insert("Hello 🧵 wörld", at: 0)
        try doc.text("t").format(2..<5, ["bold": true])
        try doc.text("t").insertEmbed(["image": "x"], at: 3)
        try doc.map("m").set("k", 1)
        try doc.map("m").setText("body", "text")
        try doc.array("a").append([1, "two", .binary([3]), ["four": 4]])
      }
      doc.clientID = 5
      try doc.transact {
        try doc.map("m").set("k", 2)
        let inner = try doc.map("m").setMap("inner")
        try inner.setArray("list").append([1, 2, 3])
        try doc.array("a").removeSubrange(1..<3)
        try doc.text("t").remove(1..<4)
      }
      try doc.transact { try doc.map("m").removeValue(forKey: "inner") }
      doc.clientID = 1 << 40
      return doc
    }
  }

  static func runUpdate(_ bytes: [UInt8]) throws(Finding) {
    try apply(bytes, to: Doc(clientID: 1 << 40))
    try apply(bytes, to: Doc(clientID: 1 << 40, collectsGarbage: false))
    try apply(bytes, to: try base())
  }

  static func apply(_ bytes: [UInt8], to doc: Doc) throws(Finding) {
    // As a room takes it from its members: of the order of what crosses nothing is promised.
    doc.limits.acceptsCrossedOrigins = false
    let before = DocState(doc)
    let mirror = doc.fork(clientID: 1 << 41)
    let event: UpdateEvent?
    do {
      event = try doc.apply(bytes)
    } catch {
      doc.checkIntegrity()
      return try require(DocState(doc) == before, "a refused update left something behind")
    }
    doc.checkIntegrity()
    if let event {
      _ = try accepted("the event's update") { try mirror.apply(event.update) }
      try require(mirror.stateVector == doc.stateVector, "the event does not carry the whole change")
      try require(mirror.deleteSet == doc.deleteSet, "the event does not carry the whole deletion")
      try require(mirror.shown == doc.shown, "the event's content differs")
    } else {
      let after = DocState(doc)
      try require(after.vector == before.vector && after.deleted == before.deleted, "a change without an event")
    }
    try roundTrip(doc)
    if !doc.hasPending {
      let again = try accepted("the same update again") { try doc.apply(bytes) }
      try require(again == nil, "the same update changed something again")
    }
  }

  /// Requires that a document's state, written and read, is the same.
  static func roundTrip(_ doc: Doc) throws(Finding) {
    let state = doc.encodeStateAsUpdate()
    let copy = Doc(clientID: 1 << 42)
    _ = try accepted("the document's own state") { try copy.apply(state) }
    copy.checkIntegrity()
    try require(!copy.hasPending, "the document's own state is not complete")
    try require(copy.stateVector == doc.stateVector, "another state vector after a reload")
    try require(copy.deleteSet == doc.deleteSet, "another delete set after a reload")
    try require(copy.shown == doc.shown, "another content after a reload")
    let canonical = copy.encodeStateAsUpdate()
    let again = Doc(clientID: 1 << 42)
    _ = try accepted("the reloaded state") { try again.apply(canonical) }
    try require(again.encodeStateAsUpdate() == canonical, "the state is not stable after a reload")
    let fork = doc.fork(clientID: 1 << 43)
    fork.checkIntegrity()
    try require(DocState(fork) == DocState(doc), "a fork differs")
    let whole = Doc(clientID: 1 << 42)
    _ = try accepted("the state with what is pending") {
      try whole.apply(doc.encodeStateAsUpdate(includingPending: true))
    }
    whole.checkIntegrity()
    // A forged struct that waits although its start is known is cut on the way, as Yjs cuts it, and may then fit.
    for client in doc.stateVector.clients {
      try require(whole.stateVector[client] >= doc.stateVector[client], "pending updates hide the state")
    }
    if whole.stateVector == doc.stateVector {
      try require(whole.hasPending == doc.hasPending, "what is pending got lost")
    }
  }

  static func runStateVector(_ bytes: [UInt8]) throws(Finding) {
    guard let vector = try? StateVector(decoding: bytes) else { return }
    let again = try accepted("an encoded state vector") { try StateVector(decoding: vector.encoded()) }
    try require(again == vector, "another state vector after a round trip")
    let doc = try base()
    let known = Doc(clientID: 1 << 44)
    for update in [
      doc.encodeStateAsUpdate(since: vector), doc.encodeStateAsUpdate(since: vector, includingPending: true),
    ] {
      _ = try accepted("a diff") { try known.apply(update) }
      known.checkIntegrity()
    }
  }

  static func runDeleteSet(_ bytes: [UInt8]) throws(Finding) {
    guard let set = try? IdSet(decoding: bytes) else { return }
    let again = try accepted("an encoded delete set") { try IdSet(decoding: set.encoded()) }
    try require(again == set, "another delete set after a round trip")
    let other = try base().deleteSet
    var union = set
    union.formUnion(other)
    var common = set
    common.formIntersection(other)
    var rest = set
    rest.subtract(other)
    try require(rest.count + common.count == set.count, "the parts do not make the whole")
    try require(union.count + common.count == set.count + other.count, "union and intersection do not add up")
    try apply([0] + bytes, to: try base())
  }
}

/// What a document is, for comparisons.
struct DocState: Equatable {
  var vector: [UInt8]
  var deleted: [UInt8]
  var update: [UInt8]
  var shown: [String]

  init(_ doc: Doc) {
    vector = doc.stateVector.encoded()
    deleted = doc.deleteSet.encoded()
    update = doc.encodeStateAsUpdate(includingPending: true)
    shown = doc.shown
  }
}

extension Doc {
  /// The common roots as each kind, in words.
  var shown: [String] {
    let delta = text("t").delta.map { operation in
      switch operation {
      case .insert(let text, let attributes): "\(text.debugDescription) \(YValue.object(attributes).words)"
      case .insertEmbed(let value, let attributes): "\(value.words) \(YValue.object(attributes).words)"
      case .retain, .delete: "\(operation)"
      }
    }
    let roots: [any SharedType] = [map("m"), array("a"), text("t"), xmlFragment("x")]
    return roots.map { $0.json.words } + delta
  }
}

extension YValue {
  /// The value in words, the same for equal ones: NaN equals NaN here, and the order of keys does not count.
  fileprivate var words: String {
    switch self {
    case .array(let elements): "[" + elements.map(\.words).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { "\($0.key.debugDescription):\($0.value.words)" }.sorted().joined(separator: ",") + "}"
    case .string(let text): text.debugDescription
    default: "\(self)"
    }
  }
}
