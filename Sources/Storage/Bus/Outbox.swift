/// What a node has not told the others yet. Bounded: what there is no room for they find out by looking, or with the next
/// renewal.
struct Outbox {
  /// Documents whose growth is remembered one by one.
  static let maximumDocuments = 10_000
  /// Bytes of what members show.
  static let maximumShownBytes = 4 << 20
  static let maximumQuestions = 10_000

  private var growth: [String: Int64] = [:]
  private var shown: [BusMessage] = []
  private var shownBytes = 0
  private var questions: Set<String> = []
  private var announcements: [BusMessage] = []
  private var mustLook = false
  /// What was dropped since that was asked last.
  private(set) var dropped = 0

  var isEmpty: Bool {
    growth.isEmpty && shown.isEmpty && questions.isEmpty && announcements.isEmpty && !mustLook
  }

  mutating func add(_ message: BusMessage) {
    switch message {
    case .grew(let documents): for document in documents { add(document) }
    case .shown(let update, _):
      guard shownBytes + update.count <= Self.maximumShownBytes else { return dropped += 1 }
      shownBytes += update.count
      shown.append(message)
    case .whoIsThere(let id):
      guard questions.count < Self.maximumQuestions else { return dropped += 1 }
      questions.insert(id)
    case .look: mustLook = true
    case .came, .left: announcements.append(message)
    }
  }

  private mutating func add(_ document: DocumentGrowth) {
    guard growth.count < Self.maximumDocuments || growth[document.workflowID] != nil else { return mustLook = true }
    growth[document.workflowID] = max(growth[document.workflowID] ?? 0, document.sequence)
  }

  /// Takes everything out, what is about documents alone where asked.
  mutating func take(separatingDocuments: Bool) -> [BusMessage] {
    let documents = growth.sorted { $0.key < $1.key }.map { DocumentGrowth(workflowID: $0.key, sequence: $0.value) }
    var messages = announcements
    // Whoever looks at all that is open finds these as well.
    if mustLook {
      messages.append(.look)
    } else if separatingDocuments {
      messages += documents.map { .grew([$0]) }
    } else if !documents.isEmpty {
      messages.append(.grew(documents))
    }
    messages += questions.sorted().map { .whoIsThere($0) } + shown
    let dropped = dropped
    self = Outbox()
    self.dropped = dropped
    return messages
  }

  /// What was taken out could not be said: others have to look.
  mutating func failed() { mustLook = true }

  mutating func takeDropped() -> Int {
    defer { dropped = 0 }
    return dropped
  }
}
