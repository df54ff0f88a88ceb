import TestSupport
import Testing
import YCRDT

private struct Job: Codable, Equatable {
  var id: String
  var name: String
  var body: String
  var retries: Int?
  var tags: [String] = []
  var position: Point?

  struct Point: Codable, Equatable {
    var x: Double
    var y: Double
  }
}

private struct Numbers: Codable, Equatable {
  var small: Int8 = -5
  var large: UInt64 = 1 << 52
  var double = 0.1
  var float: Float = 0.25
  var bytes: [UInt8] = [0, 255]
  var none: [Int] = []
  var value: YValue = .bigInt(1 << 60)
}

@Suite struct CodableTests {
  private let doc = Doc(clientID: 1)
  private let job = Job(
    id: "a", name: "Fetch", body: "get('/')", retries: 3, tags: ["x"], position: .init(x: 1, y: 2.5))

  @Test(arguments: [YEncoding.plain, .shared, .shared(texts: ["body"])])
  func valuesComeBack(encoding: YEncoding) throws {
    try doc.transact {
      try doc.map("m").set(job, forKey: "job", as: encoding)
      try doc.map("m").set(Numbers(), forKey: "numbers", as: encoding)
      try doc.array("a").append(job, as: encoding)
      try doc.array("a").insert(job, at: 0, as: encoding)
    }
    let copy = Doc(clientID: 2)
    try copy.apply(doc.encodeStateAsUpdate())
    #expect(try copy.map("m").decode(Job.self, forKey: "job") == job)
    #expect(try copy.map("m").decode(Numbers.self, forKey: "numbers") == Numbers())
    #expect(try copy.array("a").decode([Job].self) == [job, job])
    #expect(try copy.array("a").decode(Job.self, at: 1) == job)
    #expect(try copy.map("m").decode(Job?.self, forKey: "absent") == nil)
  }

  @Test func theEncodingDecidesWhatIsShared() throws {
    try doc.transact {
      try doc.map("m").set(job, forKey: "plain", as: .plain)
      try doc.map("m").set(job, forKey: "shared", as: .shared(texts: ["body", "tags"]))
    }
    #expect(doc.map("m")["plain"]?.value?.object?["name"] == "Fetch")
    let map = try #require(doc.map("m")["shared"]?.map)
    #expect(map["name"]?.value == "Fetch")
    #expect(map["body"]?.text?.string == "get('/')")
    #expect(map["position"]?.map?["y"]?.value == 2.5)
    #expect(map["tags"]?.array?[0].text?.string == "x")
  }

  @Test func updatesTouchOnlyWhatChanged() throws {
    let map = doc.map("job")
    try doc.transact { try map.update(from: job, as: .shared(texts: ["body"])) }
    try doc.transact { try map.set("unknown", "stays") }
    let body = try #require(map["body"]?.text)
    let before = doc.stateVector
    try doc.transact { try map.update(from: job, as: .shared(texts: ["body"])) }
    #expect(doc.stateVector == before && doc.deleteSet.isEmpty)

    var changed = job
    changed.body = "get('/jobs')"
    changed.retries = nil
    changed.position?.x = 7
    let other = doc.fork(clientID: 2)
    try doc.transact { try map.update(from: changed, as: .shared(texts: ["body"])) }
    try other.transact { try other.map("job")["body"]?.text?.insert("await ", at: 0) }
    try doc.apply(other.encodeStateAsUpdate())
    #expect(map["body"]?.text == body)
    changed.body = "await get('/jobs')"
    #expect(try map.decode(Job.self) == changed)
    #expect(map["retries"] == nil && map["unknown"]?.value == "stays")
  }

  @Test func arraysAreUpdatedInPlace() throws {
    let jobs = (0..<4).map { Job(id: "\($0)", name: "job \($0)", body: "") }
    let array = doc.array("jobs")
    try doc.transact { try array.update(from: jobs, as: .shared) }
    let second = try #require(array[1].map)
    var changed = jobs
    changed[1].name = "renamed"
    try doc.transact { try array.update(from: changed, as: .shared) }
    #expect(array[1].map == second && second["name"]?.value == "renamed")
    changed.remove(at: 0)
    changed.append(Job(id: "9", name: "new", body: ""))
    try doc.transact { try array.update(from: changed, as: .shared) }
    #expect(try array.decode([Job].self) == changed)
    try doc.transact { try array.update(from: [Job](), as: .shared) }
    #expect(array.isEmpty)
  }

  @Test func decodingErrorsSayWhereAndWhat() throws {
    try doc.transact {
      try doc.array("jobs").append([["id": "a", "name": 5, "body": ""], ["id": "b", "name": "b"]])
      try doc.map("numbers").set("big", .bigInt((1 << 60) + 1))
    }
    func description<T: Decodable>(_ type: T.Type, _ read: () throws -> YValue) -> String {
      do {
        _ = try read().decode(type)
        return "no error"
      } catch DecodingError.typeMismatch(_, let context), DecodingError.keyNotFound(_, let context),
        DecodingError.dataCorrupted(let context), DecodingError.valueNotFound(_, let context)
      {
        return context.debugDescription
      } catch {
        return "\(error)"
      }
    }
    let jobs = doc.array("jobs").json
    #expect(description([Job].self) { jobs } == "[0].name: expected String, found 5")
    #expect(
      description(Job.self) { jobs.array?[1] ?? .null }
        == "the value itself: there is no \"body\" among id, name")
    let numbers = doc.map("numbers").json
    #expect(description([String: Int8].self) { numbers } == "big: the BigInt 1152921504606846977 is no Int8")
    #expect(description(Int8.self) { 300 } == "the value itself: 300 is no Int8")
    #expect(description(Int.self) { 2.5 } == "the value itself: 2.5 is no Int")
    #expect(
      description(Double.self) { .bigInt((1 << 60) + 1) }
        == "the value itself: the BigInt 1152921504606846977 does not fit into Double exactly")
    #expect(description([Int].self) { ["a": 1] } == "the value itself: expected an array, found an object")
    #expect(throws: DecodingError.self) { try doc.map("numbers").decode(Int.self, forKey: "absent") }
  }

  @Test func integersThatJavaScriptCannotHold() throws {
    try doc.transact {
      #expect(throws: EncodingError.self) { try doc.map("m").set(["n": Int64.max], forKey: "k", as: .plain) }
      #expect(throws: EncodingError.self) { try doc.array("a").append(UInt64.max, as: .plain) }
      let bigInts = YEncoding(nesting: .shared(texts: []), largeIntegers: .bigInt)
      try doc.map("m").set(["n": Int64.max], forKey: "k", as: bigInts)
      #expect(throws: YError.unsupportedValue) { try doc.map("m").set(["n": [Int64.max]], forKey: "l", as: bigInts) }
    }
    #expect(doc.map("m")["k"]?.map?["n"]?.value == .bigInt(.max))
    #expect(try doc.map("m").decode([String: Int64].self, forKey: "k") == ["n": .max])
    #expect(!doc.map("m").contains("l") && doc.array("a").isEmpty)
  }

  @Test func aMapIsNotUpdatedFromAnArray() throws {
    #expect(throws: EncodingError.self) { try doc.transact { try doc.map("m").update(from: [1], as: .plain) } }
    try doc.transact { try doc.map("m").update(from: YValue.object(["a": 1]), as: .plain) }
    #expect(doc.map("m").json == ["a": 1])
    try doc.transact { try doc.map("m").update(from: ["b": 2], as: .plain) }
    #expect(doc.map("m").json == ["b": 2])
  }

  /// Whatever was there before, an update leads to the value; and then it changes nothing any more.
  @Test(arguments: UInt64(1)...60, [YEncoding.plain, .shared, .shared(texts: ["a", "b"])])
  func anyValueUpdatesAnyOther(seed: UInt64, encoding: YEncoding) throws {
    var random = SeededGenerator(seed: seed)
    let map = doc.map("m")
    for _ in 0..<10 {
      let tree = Tree.members(&random, depth: 3)
      let list = [Tree.random(&random, depth: 2), Tree.random(&random, depth: 2)]
      try doc.transact {
        try map.update(from: tree, as: encoding)
        try doc.array("l").update(from: list, as: encoding)
      }
      #expect(try map.decode([String: Tree].self) == tree, "seed \(seed)")
      #expect(try doc.array("l").decode([Tree].self) == list, "seed \(seed)")
      let before = (doc.stateVector, doc.deleteSet)
      try doc.transact { try map.update(from: tree, as: encoding) }
      #expect(doc.stateVector == before.0 && doc.deleteSet == before.1, "seed \(seed)")
    }
    let copy = Doc()
    try copy.apply(doc.encodeStateAsUpdate())
    #expect(copy.map("m").json == map.json)
  }
}

/// Anything that JSON can say.
private enum Tree: Codable, Equatable {
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([Tree])
  case object([String: Tree])

  static func members(_ random: inout SeededGenerator, depth: Int) -> [String: Tree] {
    var members: [String: Tree] = [:]
    for key in ["a", "b", "c", "é"] where Bool.random(using: &random) {
      members[key] = Self.random(&random, depth: depth - 1)
    }
    return members
  }

  static func random(_ random: inout SeededGenerator, depth: Int) -> Tree {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 4), using: &random) {
    case 0: .bool(.random(using: &random))
    case 1: .number(Double(Int.random(in: -3...3, using: &random)) / 2)
    case 2, 3: .string(["", "one two", "one 2 two", "🧵"][Int.random(in: 0..<4, using: &random)])
    case 4: .array((0..<Int.random(in: 0...3, using: &random)).map { _ in Self.random(&random, depth: depth - 1) })
    default: .object(members(&random, depth: depth))
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([Tree].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: Tree].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .bool(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}
