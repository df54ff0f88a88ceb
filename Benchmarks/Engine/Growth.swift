import YCRDT

/// Worst cases at three sizes: what is linear takes four times as long for four times as much.
enum Growth {
  private static let sizes = [2_500, 5_000, 10_000]

  private static var cases: [(name: String, run: (Int) throws -> () throws -> Void)] {
    [
      ("n people write one letter at one place", concurrentLetters),
      ("two people type n letters at one place, unaware of each other", interleavedTyping),
      ("n keys of one map are set, one by one", mapKeys),
      ("one key is set n times", oneKey),
      ("maps nested n deep", nesting),
      ("n letters are put at random places", randomPlaces),
      ("n elements are deleted from the front, one by one", deletionsFromTheFront),
    ]
  }

  static func report(_ options: Options) throws {
    let wanted = cases.filter { options.wants($0.name) }
    if !wanted.isEmpty { Report.line("\ngrowth", "n = 2,500", "5,000", "10,000 ms", "x per x 4") }
    for (name, run) in wanted {
      let times = try sizes.map { size in
        Report.median(
          try (0..<3).map { _ in
            let body = try run(size)
            return try ContinuousClock().measure(body).milliseconds
          })
      }
      Report.line(
        name, Report.format(times[0]), Report.format(times[1]), Report.format(times[2]),
        Report.format(times[2] / times[0]))
    }
  }

  // MARK: - Cases

  private static func concurrentLetters(_ count: Int) throws -> () throws -> Void {
    let base = Doc(clientID: 1)
    try base.transact { try base.text("text").append("ab") }
    var random = Generator(state: 7)
    let updates = try (0..<count).map { _ in
      let author = base.fork(clientID: random.next() >> 32)
      return try update(of: author) { try author.text("text").insert("x", at: 1) }
    }
    return { for update in updates { try base.apply(update) } }
  }

  private static func interleavedTyping(_ count: Int) throws -> () throws -> Void {
    let base = Doc(clientID: 1)
    try base.transact { try base.text("text").append("ab") }
    let authors = [base.fork(clientID: 2), base.fork(clientID: 3)]
    var updates: [[UInt8]] = []
    for index in 0..<count / 2 {
      for author in authors {
        // Backwards, so that nothing joins.
        updates.append(try update(of: author) { try author.text("text").insert(index % 2 == 0 ? "x" : "y", at: 1) })
      }
    }
    return { for update in updates { try base.apply(update) } }
  }

  private static func mapKeys(_ count: Int) throws -> () throws -> Void {
    {
      let doc = Doc(clientID: 1)
      for index in 0..<count { try doc.transact { try doc.map("map").set("key \(index)", .int(Int64(index))) } }
    }
  }

  private static func oneKey(_ count: Int) throws -> () throws -> Void {
    {
      let doc = Doc(clientID: 1)
      for index in 0..<count { try doc.transact { try doc.map("map").set("key", .int(Int64(index))) } }
    }
  }

  private static func nesting(_ count: Int) throws -> () throws -> Void {
    {
      let doc = Doc(clientID: 1)
      try doc.transact {
        var map = doc.map("map")
        for _ in 0..<count { map = try map.setMap("inner") }
      }
      let copy = try Workloads.loaded(doc.encodeStateAsUpdate())
      try copy.transact { try copy.map("map").removeValue(forKey: "inner") }
    }
  }

  private static func randomPlaces(_ count: Int) throws -> () throws -> Void {
    {
      var random = Generator(state: 11)
      let doc = Doc(clientID: 1)
      let text = doc.text("text")
      for length in 0..<count {
        try doc.transact { try text.insert("x", at: Int(random.next() % UInt64(length + 1))) }
      }
    }
  }

  private static func deletionsFromTheFront(_ count: Int) throws -> () throws -> Void {
    let doc = Doc(clientID: 1)
    try doc.transact { try doc.array("array").append((0..<count).map { .int(Int64($0)) }) }
    return { for _ in 0..<count { try doc.transact { try doc.array("array").remove(at: 0) } } }
  }

  private static func update(of doc: Doc, _ body: () throws -> Void) throws -> [UInt8] {
    var update: [UInt8] = []
    let subscription = doc.observeUpdates { update = $0.update }
    try doc.transact(body)
    subscription.cancel()
    return update
  }

  /// A small deterministic generator (splitmix64).
  private struct Generator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}
