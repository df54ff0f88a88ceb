public import YCRDT

/// Who or what set everything that a document shows: by unit, and in a text by range.
public struct WorkflowBlame: Hashable, Sendable {
  /// Part of a text.
  public struct TextRange: Hashable, Sendable {
    /// In UTF-16 code units.
    public var range: Range<Int>
    public var attribution: Attribution

    public init(range: Range<Int>, attribution: Attribution) {
      self.range = range
      self.attribution = attribution
    }
  }

  /// A unit: where it is, as in `ContentChange.unit`, and who set it.
  public struct Entry: Hashable, Sendable {
    /// Who set a unit.
    public enum Kind: Hashable, Sendable {
      /// A value, or an entity as a whole: who made it.
      case value(Attribution)
      /// A text of a length in UTF-16 code units: who wrote which part. The parts are in order and leave nothing out.
      case text(length: Int, ranges: [TextRange])
    }

    public var unit: [String]
    public var kind: Kind
  }

  public private(set) var entries: [Entry] = []
  private let authorship: Authorship

  /// Reads a document. With a path only the units at or below it. O(size of what is read).
  public init(_ doc: Doc, _ authorship: Authorship, path: [String] = []) {
    self.authorship = authorship
    for root in Self.roots where path.isEmpty || path[0] == root {
      switch root {
      case WorkflowDocument.workflowRoot, WorkflowDocument.positionsRoot:
        addFields(of: doc.map(root), at: [root], path)
      default: addEntities(of: doc.array(root), at: root, path)
      }
    }
  }

  /// What a path can begin with.
  public static let roots = [
    WorkflowDocument.workflowRoot, WorkflowDocument.jobsRoot, WorkflowDocument.triggersRoot, WorkflowDocument.edgesRoot,
    WorkflowDocument.positionsRoot,
  ]

  // MARK: Reading the document

  /// Of several entities of one id the first counts.
  private mutating func addEntities(of array: YArray, at root: String, _ path: [String]) {
    var seen: Set<String> = []
    for map in array.elements.lazy.compactMap(\.map) {
      guard let id = map["id"]?.value?.string, seen.insert(id).inserted, path.count < 2 || path[1] == id else {
        continue
      }
      if path.count < 3, let item = map.itemID { add([root, id], item) }
      addFields(of: map, at: [root, id], path)
    }
  }

  /// The parts of a field that is a map of its own are units; what is inside of these is not.
  private mutating func addFields(of map: YMap, at unit: [String], _ path: [String], isPart: Bool = false) {
    for key in map.keys.sorted() where path.count <= unit.count || path[unit.count] == key {
      let unit = unit + [key]
      switch map[key] {
      case .text(let text) where path.count <= unit.count: add(unit, text)
      case .map(let inner) where !isPart: addFields(of: inner, at: unit, path, isPart: true)
      default: if path.count <= unit.count, let id = map.id(of: key) { add(unit, id) }
      }
    }
  }

  private mutating func add(_ unit: [String], _ id: ID) {
    entries.append(Entry(unit: unit, kind: .value(authorship[id])))
  }

  private mutating func add(_ unit: [String], _ text: YText) {
    var ranges: [TextRange] = []
    for run in text.idRuns() {
      var start = run.range.lowerBound
      for part in authorship.attributions(of: run.id, count: run.range.count) {
        let end = start + part.count
        if ranges.last?.attribution == part.attribution {
          ranges[ranges.count - 1].range = ranges[ranges.count - 1].range.lowerBound..<end
        } else {
          ranges.append(TextRange(range: start..<end, attribution: part.attribution))
        }
        start = end
      }
    }
    entries.append(Entry(unit: unit, kind: .text(length: ranges.last?.range.upperBound ?? 0, ranges: ranges)))
  }
}

extension WorkflowBlame {
  /// The form in which clients get it: every write once, and for each unit the place of its write in the list.
  public var json: JSONValue {
    var places: [Attribution: Int] = [:]
    var writes: [JSONValue] = []
    func place(_ attribution: Attribution) -> JSONValue {
      if let place = places[attribution] { return JSONValue(place) }
      places[attribution] = writes.count
      writes.append(attribution.json)
      return JSONValue(writes.count - 1)
    }
    let units = entries.map { entry -> JSONValue in
      let unit = JSONValue.array(entry.unit.map(JSONValue.string))
      switch entry.kind {
      case .value(let attribution): return ["unit": unit, "write": place(attribution)]
      case .text(let length, let ranges):
        let parts = ranges.map { part -> JSONValue in
          [
            "start": JSONValue(part.range.lowerBound), "end": JSONValue(part.range.upperBound),
            "write": place(part.attribution),
          ]
        }
        return ["unit": unit, "length": JSONValue(length), "ranges": .array(parts)]
      }
    }
    return ["writes": .array(writes), "units": .array(units)]
  }
}
