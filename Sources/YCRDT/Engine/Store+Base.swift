/// A run of a base's characters as a text holds them, deleted or not.
struct BaseSpan {
  /// Offset of the first character in the base.
  var offset: Int
  var client: ClientIndex
  var clock: UInt64
  var count: Int
}

/// Texts seen from an earlier content, whose characters are known by their ids. Deleted characters keep their place
/// as long as the text exists, so that positions of the earlier content can always be found.
extension Store {
  /// The ids of the characters a text shows.
  func liveIDs(_ type: TypeIndex) -> IdSet {
    var ranges: [ClientID: [Range<UInt64>]] = [:]
    forEachLiveItem(type) { item in
      let record = items[item]
      if record.kind == .string {
        ranges[clients.records[record.client].id, default: []].append(record.clock..<record.end)
      }
    }
    return IdSet(collected: ranges)
  }

  /// The ids of the characters a text shows in ranges of its string, which ascend and do not overlap.
  func liveIDs(_ type: TypeIndex, in ranges: [Range<Int>]) -> IdSet {
    var found: [ClientID: [Range<UInt64>]] = [:]
    var offset = 0
    var next = 0
    forEachLiveItem(type) { item in
      let record = items[item]
      guard next < ranges.count, record.kind == .string else { return }
      let end = offset + Int(record.end - record.clock)
      while next < ranges.count, ranges[next].lowerBound < end {
        let common = ranges[next].clamped(to: offset..<end)
        if !common.isEmpty {
          let start = record.clock + UInt64(common.lowerBound - offset)
          found[clients.records[record.client].id, default: []].append(start..<start + UInt64(common.count))
        }
        guard ranges[next].upperBound <= end else { break }
        next += 1
      }
      offset = end
    }
    return IdSet(collected: found)
  }

  /// The ids of the base's characters that a text holds.
  func ids(_ type: TypeIndex, of base: IdSet) -> IdSet {
    var ranges: [ClientID: [Range<UInt64>]] = [:]
    forEachRun(type, base) { record, _, clocks, isInBase in
      if isInBase { ranges[clients.records[record.client].id, default: []].append(clocks) }
    }
    return IdSet(collected: ranges)
  }

  /// Calls `body` with the runs of all characters of a text, shown or deleted, in the text's order: the item, the
  /// clocks within it, and whether they belong to the base.
  private func forEachRun(
    _ type: TypeIndex, _ base: IdSet, _ body: (Item, ItemIndex, Range<UInt64>, _ isInBase: Bool) -> Void
  ) {
    var ranges: [ClientIndex: [Range<UInt64>]] = [:]
    var item = types[type].first
    while item != .none {
      let record = items[item]
      if record.kind == .string || record.kind == .deleted {
        if ranges[record.client] == nil { ranges[record.client] = base.ranges(of: clients.records[record.client].id) }
        let known = ranges[record.client] ?? []
        var clock = record.clock
        var next = known.firstIndex(endingAfter: clock)
        while clock < record.end {
          let range = next < known.count ? known[next] : record.end..<record.end
          if range.lowerBound > clock {
            let end = min(range.lowerBound, record.end)
            body(record, item, clock..<end, false)
            clock = end
          } else {
            let end = min(range.upperBound, record.end)
            body(record, item, clock..<end, true)
            clock = end
            next += 1
          }
        }
      }
      item = record.right
    }
  }

  /// How many of the base's characters the text holds.
  func count(_ type: TypeIndex, of base: IdSet) -> Int {
    var count = 0
    forEachRun(type, base) { _, _, clocks, isInBase in if isInBase { count += clocks.count } }
    return count
  }

  /// The difference from the base to what the text shows.
  func changes(_ type: TypeIndex, since base: IdSet) -> [TextChange] {
    var changes: [TextChange] = []
    var offset = 0
    var start: Int?
    var inserted = ""
    func finish() {
      if let start { changes.append(TextChange(range: start..<offset, replacement: inserted)) }
      start = nil
      inserted = ""
    }
    forEachRun(type, base) { record, item, clocks, isInBase in
      if isInBase && !record.isDeleted {
        finish()
        offset += clocks.count
      } else if isInBase {
        if start == nil { start = offset }
        offset += clocks.count
      } else if !record.isDeleted {
        if start == nil { start = offset }
        inserted += text(item, (clocks.lowerBound - record.clock)..<(clocks.upperBound - record.clock))
      }
    }
    finish()
    return changes
  }

  /// The base's characters in the text's order.
  func baseSpans(_ type: TypeIndex, _ base: IdSet) -> [BaseSpan] {
    var spans: [BaseSpan] = []
    var offset = 0
    forEachRun(type, base) { record, _, clocks, isInBase in
      guard isInBase else { return }
      spans.append(
        BaseSpan(offset: offset, client: record.client, clock: clocks.lowerBound, count: clocks.count))
      offset += clocks.count
    }
    return spans
  }

  /// Inserts text between two neighbours of the base, at the place that a replica would give it that had seen the base
  /// and nothing since.
  mutating func insertText(
    _ author: ClientIndex, _ string: String, in type: TypeIndex, at offset: Int, _ spans: [BaseSpan], _ base: IdSet,
    _ known: StateVector?
  ) {
    let left = offset == 0 ? nil : Self.unit(offset - 1, spans)
    let right = Self.unit(offset, spans)
    let origin = lastOldTombstone(type, after: left, before: right, base, known) ?? left
    var string = string
    string.withUTF8 { utf8 in
      guard let start = utf8.baseAddress, let shape = UTF8Shape(scanning: start, utf8.count) else { return }
      touch(author)
      transaction.isVerbatim = false
      var item = Item(
        clock: clients.records[author].next, length: UInt64(shape.utf16Count), client: author, kind: .string)
      item.parent = type
      item.content = bytes.append(start, utf8.count)
      item.byteCount = UInt32(utf8.count)
      if shape.isASCII { item.flags.insert(.ascii) }
      if let origin {
        (item.originClient, item.originClock) = (origin.client, origin.clock)
        item.left = cleanEnd(origin.client, origin.clock)
      }
      if let right {
        (item.rightClient, item.rightClock) = (right.client, right.clock)
        item.right = cleanStart(right.client, right.clock)
      }
      place(newItem(item))
    }
  }

  /// The unit at an offset of the base; nil behind its end.
  private static func unit(_ offset: Int, _ spans: [BaseSpan]) -> (client: ClientIndex, clock: UInt64)? {
    var low = 0
    var high = spans.count
    while low < high {
      let middle = (low + high) / 2
      if spans[middle].offset + spans[middle].count > offset { high = middle } else { low = middle + 1 }
    }
    guard low < spans.count else { return nil }
    return (spans[low].client, spans[low].clock + UInt64(offset - spans[low].offset))
  }

  /// Of the deleted characters between two neighbours of the base, the last that was deleted before the base: an edit
  /// made at the base would have been anchored to it. It was known then, or else its clock shows it to be older than others
  /// in the base.
  private func lastOldTombstone(
    _ type: TypeIndex, after left: (client: ClientIndex, clock: UInt64)?,
    before right: (client: ClientIndex, clock: UInt64)?, _ base: IdSet, _ known: StateVector?
  ) -> (client: ClientIndex, clock: UInt64)? {
    var item = left.map { find($0.client, $0.clock) } ?? types[type].first
    let end = right.map { find($0.client, $0.clock) } ?? .none
    var found: (ClientIndex, UInt64)?
    while item != .none {
      let record = items[item]
      if record.isDeleted {
        let client = clients.records[record.client].id
        var low = record.clock
        var high = min(record.end, known.map { $0[client] } ?? base.ranges(of: client).last?.upperBound ?? 0)
        if let left, left.client == record.client, (record.clock..<record.end).contains(left.clock) {
          low = left.clock + 1
        }
        if let right, item == end { high = min(high, right.clock) }
        if low < high { found = (record.client, high - 1) }
      }
      if item == end { break }
      item = record.right
    }
    return found
  }
}
