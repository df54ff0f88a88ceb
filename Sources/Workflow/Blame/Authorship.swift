public import YCRDT

/// Who wrote which units of a document, when, and in which version they are: what the document's log tells of it, kept
/// when the log is not.
///
/// It is made by taking in the entries of the log in their order. Whoever brings a unit first is its author; who brings it
/// again, or goes on under a client id that somebody else used before, changes nothing about what is there. Taken in at
/// once or in parts, the same entries make the same.
public struct Authorship: Hashable, Sendable {
  /// Clocks of one client that have one author, time and version.
  struct Stretch: Hashable, Sendable {
    var clocks: Range<UInt64>
    /// Where in `writers` it is.
    var writer: Int
    /// Of its first unit.
    var time: Int64
    /// Whether `time` only says by when it was written.
    var isBefore: Bool
    var version: Int?
  }

  /// Who or what a stretch was written by.
  struct Writer: Hashable, Sendable {
    /// Nil where it is not known any more.
    var provenance: Provenance?
    var number: Int64?
  }

  /// How long, in seconds, what one author writes counts as written at one time.
  public var precision: Int64
  /// Whatever is not noted was there by then.
  public var start: Int64
  var writers: [Writer] = []
  var places: [Writer: Int] = [:]
  /// By client, in the order of their clocks, and apart.
  var stretches: [ClientID: [Stretch]] = [:]

  /// Nothing is known of what was there by `start`, in seconds since 1970.
  public init(start: Int64, precision: Int64 = 60) {
    self.start = start
    self.precision = precision
  }

  /// How many stretches are kept.
  public var count: Int { stretches.values.reduce(0) { $0 + $1.count } }

  // MARK: Taking in the log

  /// Takes in the next update of the log, and who wrote it at which time; nil: it is not known.
  public mutating func note(_ ids: IdSet, by author: LogAuthor?, at time: Int64) {
    let writer = place(of: Writer(provenance: author?.provenance, number: author?.number))
    for client in ids.clients {
      for clocks in ids.ranges(of: client) {
        let stretch = Stretch(
          clocks: clocks, writer: writer, time: time, isBefore: author?.isOlder ?? false, version: author?.version)
        stretches[client, default: []].fill(with: stretch, precision: precision)
      }
    }
    guard let author, let version = author.version else { return }
    if let covered = author.covered {
      settle(in: version) { client, stretch, _ in min(stretch.clocks.upperBound, covered[client]) }
    } else if author.provenance.source.writesRows {
      // What rows are merged later than this holds what was merged before.
      settle(in: version) { _, stretch, provenance in
        provenance?.source.writesRows == true ? stretch.clocks.upperBound : 0
      }
    }
  }

  mutating func place(of writer: Writer) -> Int {
    if let place = places[writer] { return place }
    places[writer] = writers.count
    writers.append(writer)
    return writers.count - 1
  }

  /// Gives what is in no version yet, up to a clock, this one.
  private mutating func settle(in version: Int, upTo end: (ClientID, Stretch, Provenance?) -> UInt64) {
    for (client, list) in stretches where list.contains(where: { $0.version == nil }) {
      stretches[client] = list.flatMap { stretch -> [Stretch] in
        let end = end(client, stretch, writers[stretch.writer].provenance)
        guard stretch.version == nil, end > stretch.clocks.lowerBound else { return [stretch] }
        var (settled, rest) = (stretch, stretch)
        settled.version = version
        settled.clocks = stretch.clocks.lowerBound..<end
        rest.clocks = end..<stretch.clocks.upperBound
        return rest.clocks.isEmpty ? [settled] : [settled, rest]
      }
    }
  }

  // MARK: Asking

  /// Who wrote a unit.
  public subscript(id: ID) -> Attribution {
    attributions(of: id, count: 1)[0].attribution
  }

  /// Who wrote the units of a client from `id` on: the parts in order, each with how many units it has.
  public func attributions(of id: ID, count: Int) -> [(count: Int, attribution: Attribution)] {
    let list = stretches[id.client] ?? []
    let end = id.clock + UInt64(count)
    var parts: [(count: Int, attribution: Attribution)] = []
    var (clock, index) = (id.clock, list.firstIndex(endingAfter: id.clock))
    while clock < end {
      let stretch = index < list.count ? list[index] : nil
      let isKnown = stretch.map { $0.clocks.contains(clock) } ?? false
      let next = min(end, (isKnown ? stretch?.clocks.upperBound : stretch?.clocks.lowerBound) ?? end)
      parts.append((Int(next - clock), attribution(of: isKnown ? stretch : nil, id.client)))
      if isKnown { index += 1 }
      clock = next
    }
    return parts
  }

  private func attribution(of stretch: Stretch?, _ client: ClientID) -> Attribution {
    guard let stretch else { return Attribution(time: start, isBefore: true) }
    let writer = writers[stretch.writer]
    return Attribution(
      provenance: writer.provenance, number: writer.number,
      client: writer.provenance?.source == .member ? client : nil, time: stretch.time, isBefore: stretch.isBefore,
      version: stretch.version)
  }
}

extension Provenance.Source {
  /// Whether it writes to the rows, from which the document gets it.
  var writesRows: Bool {
    switch self {
    case .importing, .git, .api, .database, .revert, .restore, .sandbox: true
    case .member, .save, .reset, .resolve, .recover, .patch: false
    }
  }
}

extension [Authorship.Stretch] {
  /// The first stretch that ends after a clock. O(log n).
  func firstIndex(endingAfter clock: UInt64) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].clocks.upperBound > clock { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Puts a stretch where none is yet.
  mutating func fill(with new: Authorship.Stretch, precision: Int64) {
    var index = firstIndex(endingAfter: new.clocks.lowerBound)
    var clock = new.clocks.lowerBound
    while clock < new.clocks.upperBound {
      guard index == count || self[index].clocks.lowerBound > clock else {
        clock = self[index].clocks.upperBound
        index += 1
        continue
      }
      let end = index < count ? Swift.min(new.clocks.upperBound, self[index].clocks.lowerBound) : new.clocks.upperBound
      if index > 0, self[index - 1].clocks.upperBound == clock, self[index - 1].goesOn(in: new, precision) {
        self[index - 1].clocks = self[index - 1].clocks.lowerBound..<end
      } else {
        var stretch = new
        stretch.clocks = clock..<end
        insert(stretch, at: index)
        index += 1
      }
      clock = end
    }
  }
}

extension Authorship.Stretch {
  /// Whether what comes behind this one counts as written by the same at the same time.
  fileprivate func goesOn(in next: Authorship.Stretch, _ precision: Int64) -> Bool {
    writer == next.writer && version == next.version && isBefore == next.isBefore && next.time < time + precision
  }
}
