import YCRDT

/// Input for the engine's benchmarks, made by the engine itself from a fixed seed: the same bytes in every run.
struct EngineStreams {
  /// One person writing a long text: mostly typing on, now and then elsewhere, with corrections.
  var typing: [[UInt8]] = []
  /// The places and texts of `typing`, to be made again as local edits.
  var typingEdits: [(index: Int, deleted: Int, inserted: String)] = []
  /// The text as one update.
  var typed: [UInt8] = []
  /// A workflow of 500 jobs, each a map with a text of 2 KB.
  var workflow: [UInt8] = []
  /// Small edits of the workflow by four people: fields, positions, typing in texts.
  var workflowEdits: [[UInt8]] = []

  private var random = Generator(state: 0x48_65_64_64_6C_65)

  init(typing count: Int, workflowEdits edits: Int) throws {
    try makeTyping(count)
    try makeWorkflow(edits)
  }

  private mutating func makeTyping(_ count: Int) throws {
    let doc = Doc(clientID: 1_234_567_890)
    let text = doc.text("text")
    var updates: [[UInt8]] = []
    let subscription = doc.observeUpdates { updates.append($0.update) }
    var place = 0
    for _ in 0..<count {
      let length = text.utf16Count
      if random.below(40) == 0 { place = random.below(length + 1) }
      let isDeletion = place > 0 && random.below(4) == 0
      let edit = isDeletion ? (place - 1, 1, "") : (place, 0, random.below(12) == 0 ? " " : random.letter())
      try doc.transact {
        if isDeletion { try text.remove(edit.0..<place) } else { try text.insert(edit.2, at: edit.0) }
      }
      typingEdits.append(edit)
      place = isDeletion ? place - 1 : place + 1
    }
    subscription.cancel()
    typing = updates
    typed = doc.encodeStateAsUpdate()
  }

  private mutating func makeWorkflow(_ edits: Int) throws {
    let doc = Doc(clientID: 77)
    let jobs = doc.array("jobs")
    for number in 0..<500 {
      try doc.transact {
        let job = try jobs.appendMap()
        try job.set("id", .string("00000000-0000-4000-8000-\(100_000_000_000 + number)"))
        try job.set("name", .string("Job \(number)"))
        try job.set("adaptor", "@openfn/language-common@latest")
        try job.set("enabled", true)
        try job.setText("body", (0..<2048).map { _ in random.below(9) == 0 ? " " : random.letter() }.joined())
        try doc.map("positions").set("job \(number)", ["x": .float(Double(number) * 17.5), "y": .int(Int64(number))])
      }
    }
    workflow = doc.encodeStateAsUpdate()
    let people = (0..<4).map { doc.fork(clientID: 1_000_000_007 * (ClientID($0) + 1)) }
    var updates: [[UInt8]] = []
    let subscriptions = people.map { person in person.observeUpdates { if $0.isLocal { updates.append($0.update) } } }
    while updates.count < edits {
      let author = random.below(4)
      try burst(people[author], of: min(20, edits - updates.count))
      for (reader, person) in people.enumerated() where reader != author {
        try person.apply(people[author].encodeStateAsUpdate(since: person.stateVector))
      }
    }
    subscriptions.forEach { $0.cancel() }
    workflowEdits = Array(updates.prefix(edits))
  }

  private mutating func burst(_ doc: Doc, of count: Int) throws {
    guard let job = doc.array("jobs")[random.below(500)].map, let body = job["body"]?.text else { return }
    var place = random.below(body.utf16Count)
    for _ in 0..<count {
      try doc.transact {
        switch random.below(10) {
        case 0: try job.set("name", .string("Job \(random.letter())"))
        case 1: try doc.map("positions").set("job \(random.below(500))", ["x": .int(Int64(random.below(999))), "y": 3])
        case 2 where place > 0:
          try body.remove((place - 1)..<place)
          place -= 1
        default:
          try body.insert(random.letter(), at: place)
          place += 1
        }
      }
    }
  }

  /// SplitMix64: small, and the same everywhere.
  private struct Generator {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return Int((z ^ (z >> 31)) % UInt64(limit))
    }

    mutating func letter() -> String {
      String(UnicodeScalar(UInt8(97 + below(26))))
    }
  }
}
