/// The wire form: 0 and a unit's id, 1 and a root's name, or 2 and the id of a type; then the association.
extension RelativePosition {
  /// Reads the wire form. Old writers leave out the association, which then is to the right; trailing bytes are
  /// tolerated.
  public init(decoding bytes: [UInt8]) throws(UpdateError) {
    self = try bytes.read { (reader) throws(UpdateError) in try RelativePosition(from: &reader) }
  }

  private init(from reader: inout ByteReader) throws(UpdateError) {
    var item: ID?
    var parent: Parent?
    let form = try reader.varUInt()
    switch form {
    case 0: item = try reader.id()
    case 1: parent = .root(try reader.text())
    case 2: parent = .type(try reader.id())
    default: throw reader.error(.unknownPosition(form))
    }
    var association: Int64 = 0
    if reader.remaining > 0 {
      let (magnitude, isNegative) = try reader.varInt()
      association = isNegative ? -Int64(magnitude) : Int64(magnitude)
    }
    self.init(item: item, parent: parent, rawAssociation: association)
  }

  /// The wire form.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    switch (item, parent) {
    case (let item?, _):
      writer.byte(0)
      writer.id(item)
    case (nil, .root(let name)):
      writer.byte(1)
      writer.string(name)
    case (nil, .type(let id)):
      writer.byte(2)
      writer.id(id)
    case (nil, nil): preconditionFailure("a position is at a unit or in a type")
    }
    writer.varInt(magnitude: rawAssociation.magnitude, isNegative: rawAssociation < 0)
    return writer.bytes
  }
}

/// The JSON form, in which editors put cursors into their awareness state.
extension RelativePosition {
  /// Reads the JSON form: an object with the members `type`, `tname`, `item` and `assoc`, which may be null or missing.
  /// Nil if it is something else.
  public init?(json: YValue) {
    guard let members = json.object else { return nil }
    let item = members["item"].flatMap { ID(json: $0) }
    let root = members["tname"]?.string.map { Parent.root($0) }
    let parent = root ?? members["type"].flatMap { ID(json: $0) }.map { .type($0) }
    guard item != nil || parent != nil else { return nil }
    let association = members["assoc"]?.integer ?? 0
    guard association.magnitude <= ByteReader.maxNumber else { return nil }
    self.init(item: item, parent: parent, rawAssociation: association)
  }

  /// The JSON form.
  public var json: YValue {
    var members: YObject = ["type": .null, "tname": .null, "item": item?.json ?? .null, "assoc": .int(rawAssociation)]
    switch parent {
    case .root(let name): members["tname"] = .string(name)
    case .type(let id): members["type"] = id.json
    case nil: break
    }
    return .object(members)
  }
}

extension ID {
  fileprivate init?(json: YValue) {
    guard let client = json.object?["client"]?.integer, let clock = json.object?["clock"]?.integer,
      let client = ClientID(exactly: client), let clock = UInt64(exactly: clock),
      client <= ByteReader.maxNumber, clock <= ByteReader.maxNumber
    else { return nil }
    self.init(client: client, clock: clock)
  }

  fileprivate var json: YValue {
    // Numbers beyond what clients and clocks can be are as JavaScript would have them.
    func number(_ value: UInt64) -> YValue { Int64(exactly: value).map(YValue.int) ?? .float(Double(value)) }
    return ["client": number(client), "clock": number(clock)]
  }
}

extension ByteReader {
  fileprivate mutating func id() throws(UpdateError) -> ID {
    ID(client: try varUInt(), clock: try varUInt())
  }
}

extension ByteWriter {
  fileprivate mutating func id(_ id: ID) {
    varUInt(id.client)
    varUInt(id.clock)
  }
}
