import YCRDT

/// What members send: made before the clock runs.
enum LoadUpdates {
  /// A person types into a text of its own, one update a letter; as frames.
  static func typing(_ count: Int, client: ClientID) -> [[UInt8]] {
    let doc = Doc(clientID: client)
    var frames: [[UInt8]] = []
    let subscription = doc.observeUpdates { event in
      frames.append(frame(event.update))
    }
    for number in 0..<count {
      try? doc.transact { try doc.text("notes-\(client)").append(number % 60 == 59 ? "\n" : "x") }
    }
    subscription.cancel()
    return frames
  }

  /// A document of about so many bytes: texts as programs are, written by a few people; as one frame.
  static func document(bytes: Int) -> [UInt8] {
    let doc = Doc(clientID: ClientID.random(in: 1...1 << 30))
    try? doc.transact {
      for number in 0..<max(1, bytes / 3_200) {
        let line = "fn(state => ({ ...state, done: \(number) }));\n"
        try doc.text("body-\(number)").append(String(repeating: line, count: 3_200 / line.utf8.count))
      }
    }
    return frame(doc.encodeStateAsUpdate())
  }

  /// An update, as a frame.
  static func frame(_ update: [UInt8]) -> [UInt8] {
    LoadConnection.frame([0, 2] + varuint(update.count) + update)
  }

  /// What somebody shows of himself, as a frame.
  static func awareness(_ client: ClientID, clock: Int, _ state: String) -> [UInt8] {
    let payload = [1] + varuint(Int(client)) + varuint(clock) + varuint(state.utf8.count) + Array(state.utf8)
    return LoadConnection.frame([1] + varuint(payload.count) + payload)
  }

  static let question = LoadConnection.frame([102, 1, 1])

  private static func varuint(_ value: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest > 127 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

/// How figures are put together and shown.
enum Figures {
  /// The value below which so much of all is. Sorts.
  static func percentile(_ values: inout [Double], _ part: Double) -> Double {
    guard !values.isEmpty else { return .nan }
    values.sort()
    return values[min(values.count - 1, Int(Double(values.count) * part))]
  }

  static func milliseconds(_ seconds: Double) -> String {
    let value = seconds * 1000
    return value < 10 ? rounded(value, 2) : value < 100 ? rounded(value, 1) : "\(Int(value.rounded()))"
  }

  static func rounded(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "-" }
    var unit = 1.0
    for _ in 0..<digits { unit *= 10 }
    let whole = (value * unit).rounded() / unit
    return digits == 0 ? "\(Int(whole))" : "\(whole)"
  }

  static func count(_ value: Double) -> String {
    value >= 1e6 ? rounded(value / 1e6, 2) + " M" : value >= 1e4 ? rounded(value / 1e3, 1) + " k" : rounded(value, 0)
  }

  static func bytes(_ value: Double) -> String {
    value >= 1_048_576 ? rounded(value / 1_048_576, 1) + " MiB" : rounded(value / 1024, 1) + " KiB"
  }
}
