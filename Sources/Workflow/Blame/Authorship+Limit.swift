public import YCRDT

/// What happens where a document's history has more to tell than is kept.
extension Authorship {
  /// Keeps at most so many stretches. First those go whose units are all deleted, which nobody can ask for. Then the older half
  /// becomes coarser: stretches of one author that follow each other become one, with the time and the version of the newest.
  /// Then authors are forgotten, the oldest first: of those it is only known by when they wrote.
  ///
  /// A quarter more than is necessary goes, so that it is not necessary each time. O(n log n) in the number of stretches.
  public mutating func limit(to maximum: Int, deleted: () -> IdSet) {
    guard count > maximum else { return }
    let deleted = deleted()
    for (client, list) in stretches {
      keep(list.filter { !deleted.holds($0.clocks, of: client) }, of: client)
    }
    let wanted = maximum - maximum / 4
    if count > wanted { coarsen(through: age(ofOldest: count / 2), deleted) }
    if count > wanted { forget(through: age(ofOldest: count - wanted)) }
  }

  /// Where so many stretches, at least one, are older or as old.
  private func age(ofOldest number: Int) -> Age {
    stretches.flatMap { client, list in list.map { Age($0, client) } }.sorted()[max(1, number) - 1]
  }

  private mutating func coarsen(through age: Age, _ deleted: IdSet) {
    for (client, list) in stretches {
      var result: [Stretch] = []
      for stretch in list {
        if Age(stretch, client) <= age, let last = result.last, Age(last, client) <= age,
          writers[last.writer].provenance == writers[stretch.writer].provenance,
          (last.version == nil) == (stretch.version == nil),
          deleted.holds(last.clocks.upperBound..<stretch.clocks.lowerBound, of: client)
        {
          // Which of several records of one author it was is part of what is given up.
          let writer =
            last.writer == stretch.writer
            ? last.writer : place(of: Writer(provenance: writers[last.writer].provenance))
          result[result.count - 1] = last.joined(with: stretch, writer)
        } else {
          result.append(stretch)
        }
      }
      stretches[client] = result
    }
  }

  private mutating func forget(through age: Age) {
    start = max(start, age.time)
    for (client, list) in stretches { keep(list.filter { Age($0, client) > age }, of: client) }
  }

  private mutating func keep(_ list: [Stretch], of client: ClientID) {
    stretches[client] = list.isEmpty ? nil : list
  }
}

/// What was written earlier comes first. Of one second, a client's clocks tell; between clients it does not matter.
private struct Age: Comparable {
  let time: Int64
  let clock: UInt64
  let client: ClientID

  init(_ stretch: Authorship.Stretch, _ client: ClientID) {
    (time, clock, self.client) = (stretch.time, stretch.clocks.lowerBound, client)
  }

  static func < (a: Age, b: Age) -> Bool { (a.time, a.clock, a.client) < (b.time, b.clock, b.client) }
}

extension Authorship.Stretch {
  fileprivate func joined(with next: Self, _ writer: Int) -> Self {
    var both = self
    both.clocks = clocks.lowerBound..<next.clocks.upperBound
    both.writer = writer
    both.time = max(time, next.time)
    both.isBefore = true
    both.version = version.flatMap { version in next.version.map { max(version, $0) } }
    return both
  }
}

extension IdSet {
  /// Whether all these clocks are in the set.
  fileprivate func holds(_ clocks: Range<UInt64>, of client: ClientID) -> Bool {
    guard !clocks.isEmpty else { return true }
    let ranges = ranges(of: client)
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound > clocks.lowerBound { high = middle } else { low = middle + 1 }
    }
    return low < ranges.count && ranges[low].lowerBound <= clocks.lowerBound
      && ranges[low].upperBound >= clocks.upperBound
  }
}
