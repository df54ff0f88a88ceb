import YCRDT

/// The form in which the store keeps it.
extension Authorship {
  /// Everything but the precision. A stretch is `[clock, length, writer, time, before, version]`; clocks count from the end
  /// of the one before.
  public var json: JSONValue {
    var used: [Int: Int] = [:]
    var listed: [JSONValue] = []
    var clients: [String: JSONValue] = [:]
    for (client, list) in stretches.sorted(by: { $0.key < $1.key }) where !list.isEmpty {
      var end: UInt64 = 0
      clients["\(client)"] = .array(
        list.map { stretch in
          let writer = used[stretch.writer] ?? listed.count
          if writer == listed.count {
            used[stretch.writer] = writer
            listed.append(writers[stretch.writer].json)
          }
          defer { end = stretch.clocks.upperBound }
          return stretch.json(behind: end, writer: writer)
        })
    }
    return ["start": .number(Double(start)), "writers": .array(listed), "clients": .object(clients)]
  }

  /// Reads what `json` wrote; nil where it is something else.
  public init?(json: JSONValue, precision: Int64) {
    guard let start = json["start"]?.integer, let writers = json["writers"]?.array,
      let clients = json["clients"]?.object
    else { return nil }
    self.init(start: Int64(start), precision: precision)
    let places = writers.map { place(of: Writer(json: $0)) }
    for (name, list) in clients {
      guard let client = ClientID(name), let list = list.array else { return nil }
      var end: UInt64 = 0
      for entry in list {
        guard var stretch = Stretch(json: entry, behind: end), places.indices.contains(stretch.writer) else {
          return nil
        }
        stretch.writer = places[stretch.writer]
        end = stretch.clocks.upperBound
        stretches[client, default: []].append(stretch)
      }
    }
  }
}

extension Authorship.Writer {
  fileprivate var json: JSONValue {
    guard let provenance else { return .null }
    var members = provenance.compactMembers
    members["number"] = number.map { .number(Double($0)) }
    return .object(members)
  }

  fileprivate init(json: JSONValue) {
    self.init(provenance: Provenance(compact: json), number: json["number"]?.integer.map(Int64.init))
  }
}

extension Authorship.Stretch {
  fileprivate func json(behind end: UInt64, writer: Int) -> JSONValue {
    var fields = [Double(clocks.lowerBound - end), Double(clocks.count), Double(writer), Double(time)]
    if isBefore || version != nil { fields.append(isBefore ? 1 : 0) }
    if let version { fields.append(Double(version)) }
    return .array(fields.map(JSONValue.number))
  }

  fileprivate init?(json: JSONValue, behind end: UInt64) {
    let fields = (json.array ?? []).compactMap(\.integer)
    guard fields.count >= 4, fields[0] >= 0, fields[1] > 0, fields[2] >= 0 else { return nil }
    let start = end + UInt64(fields[0])
    self.init(
      clocks: start..<start + UInt64(fields[1]), writer: fields[2], time: Int64(fields[3]),
      isBefore: fields.count > 4 && fields[4] == 1, version: fields.count > 5 ? fields[5] : nil)
  }
}
