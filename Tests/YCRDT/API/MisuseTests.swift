import Testing
import YCRDT

/// Misuse is an error that says what is wrong, and changes nothing.
@Suite struct MisuseTests {
  private let doc = Doc(clientID: 1)

  private func nested() throws -> Mutators {
    try doc.transact { try Mutators(nestedIn: doc) }
  }

  private func expect(_ error: YError, from mutators: [Mutators.Mutator]) {
    for (name, run) in mutators {
      let before = doc.encodeStateAsUpdate()
      #expect(throws: error, "\(name)") { try run() }
      #expect(doc.encodeStateAsUpdate() == before, "\(name)")
    }
  }

  @Test func everyMutatorWorksInATransaction() throws {
    let count = try nested().all.count
    for number in 0..<count {
      let doc = Doc(clientID: 1)
      try doc.transact {
        let mutator = try Mutators(nestedIn: doc).all[number]
        let before = doc.encodeStateAsUpdate()
        try mutator.run()
        #expect(doc.encodeStateAsUpdate() != before, "\(mutator.name)")
      }
    }
  }

  @Test func outsideATransaction() throws {
    expect(.noTransaction, from: try nested().all)
  }

  @Test func insideATransactionOfAnotherDocument() throws {
    let mutators = try nested().all
    Doc().transact { expect(.noTransaction, from: mutators) }
  }

  @Test(arguments: [true, false]) func deletedTypes(collectsGarbage: Bool) throws {
    let doc = Doc(clientID: 1, collectsGarbage: collectsGarbage)
    let mutators = try doc.transact { try Mutators(nestedIn: doc) }
    try doc.transact {
      try doc.map("nest").removeAll()
      for (name, run) in mutators.all { #expect(throws: YError.typeDeleted, "\(name)") { try run() } }
    }
    doc.transact {
      for (name, run) in mutators.all { #expect(throws: YError.typeDeleted, "\(name)") { try run() } }
    }
    #expect(mutators.map.isDeleted && mutators.map.isEmpty && mutators.map.parent == nil)
    #expect(mutators.array.elements.isEmpty || !collectsGarbage)
    #expect(mutators.element.nextSibling == nil)
  }

  @Test(arguments: [-1, 99, .max, .min]) func indexesOutOfBounds(index: Int) throws {
    let mutators = try nested()
    try doc.transact {
      for (name, run) in mutators.misplaced(at: index) {
        let before = doc.encodeStateAsUpdate()
        do {
          try run()
          Issue.record("\(name) accepts the index \(index)")
        } catch YError.outOfBounds {
          #expect(doc.encodeStateAsUpdate() == before, "\(name)")
        }
      }
      #expect(mutators.array[index].value == .undefined)
      #expect(mutators.array[min(index, 0)..<max(index, 0)].count <= mutators.array.count)
      #expect(mutators.fragment.child(at: index) == nil)
    }
  }

  @Test func formatsBehindTheEndAreBounded() throws {
    let text = try nested().text
    try doc.transact {
      #expect(throws: YError.limit("contentBytes")) { try text.format(1..<Int.max, ["bold": true]) }
      #expect(throws: YError.limit("contentBytes")) { try text.apply([.retain(.max, attributes: ["bold": true])]) }
      try text.format(1..<6, ["bold": true])
      #expect(text.string == "text\n\n")
    }
  }

  @Test func contentBeyondTheLimit() throws {
    let mutators = try nested()
    doc.limits.contentBytes = 0
    try doc.transact {
      expect(.limit("contentBytes"), from: mutators.adding)
      for (_, run) in mutators.others { try run() }
    }
  }

  @Test func contentUpToTheLimit() throws {
    doc.limits.contentBytes = 1000
    try doc.transact {
      try doc.text("t").append(String(repeating: "x", count: 1000))
      #expect(throws: YError.limit("contentBytes")) { try doc.text("t").append("x") }
      #expect(throws: YError.limit("contentBytes")) { try doc.map("m").set("k", .binary([0])) }
      #expect(throws: YError.limit("contentBytes")) { try doc.array("a").append([.string("x")]) }
    }
    #expect(doc.text("t").utf16Count == 1000)
  }

  @Test func typesOfAnotherDocument() throws {
    let other = Doc(clientID: 2)
    let (stranger, child) = try other.transact {
      let stranger = try other.xmlFragment("x").appendElement("p")
      return (stranger, try stranger.appendElement("b"))
    }
    #expect(throws: YError.otherDocument) { try doc.xmlFragment("x").index(of: stranger) }
    #expect(throws: YError.notAChild) { try other.xmlFragment("x").index(of: child) }
    #expect(try other.xmlFragment("x").index(of: stranger) == 0)
    #expect(doc.map("m") != other.map("m") && doc.map("m") == doc.map("m"))
  }

  @Test func valuesThatCannotBeStored() throws {
    let unsafe = Int64(1) << 53 + 1
    try doc.transact {
      let text = doc.text("t")
      #expect(throws: YError.inexactInteger(unsafe)) { try doc.map("m").set("k", .int(unsafe)) }
      #expect(throws: YError.inexactInteger(.max)) { try doc.array("a").append([["k": .int(.max)]]) }
      try doc.map("m").set("k", .bigInt(unsafe))
      try doc.map("m").set("l", .int(1 << 60))
      #expect(throws: YError.unsupportedValue) { try doc.array("a").append([.bigInt(1)]) }
      #expect(throws: YError.unsupportedValue) { try text.insertEmbed(.undefined, at: 0) }
      #expect(throws: YError.unsupportedValue) { try text.insert("x", at: 0, attributes: ["a": .bigInt(1)]) }
      let deep = (0..<600).reduce(YValue.null) { value, _ in .array([value]) }
      #expect(throws: YError.nestedTooDeep) { try text.insertEmbed(deep, at: 0) }
      #expect(throws: YError.nestedTooDeep) { try text.insert("x", at: 0, attributes: ["a": deep]) }
      #expect(throws: YError.nestedTooDeep) { try text.apply([.insertEmbed(deep, attributes: [:])]) }
      #expect(doc.text("t").utf16Count == 0)
    }
  }

  @Test func clientIDsThatCannotBeWritten() throws {
    doc.clientID = 1 << 53
    #expect(throws: YError.unusableClientID(1 << 53)) { try doc.transact { try doc.map("m").set("k", 1) } }
    doc.clientID = 1 << 53 - 1
    try doc.transact { try doc.map("m").set("k", 1) }
    try Doc().apply(doc.encodeStateAsUpdate())
  }

  @Test func aForkInsideATransactionHasWhatWasWritten() throws {
    try doc.transact {
      try doc.text("t").append("one")
      try doc.text("t").remove(0..<1)
      let fork = doc.fork(clientID: 2)
      try doc.text("t").append(" two")
      #expect(fork.text("t").string == "ne")
      try fork.transact { try fork.text("t").append(" fork") }
      try fork.apply(doc.encodeStateAsUpdate())
      #expect(fork.text("t").string.hasPrefix("ne two"))
    }
    #expect(doc.text("t").string == "ne two")
  }
}
