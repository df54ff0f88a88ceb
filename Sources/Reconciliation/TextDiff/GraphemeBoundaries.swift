/// Answers where a text may be cut without splitting a character as people see it (and so no surrogate pair either).
///
/// Looks only at the surroundings of the places asked for, which makes plain ASCII free.
struct GraphemeBoundaries {
  private let units: [UInt16]
  private var window = 0..<0
  private var windowBoundaries: [Int] = []

  init(_ units: [UInt16]) {
    self.units = units
  }

  mutating func contains(_ offset: Int) -> Bool {
    if isCertain(offset) { return true }
    if !window.contains(offset) { loadWindow(around: offset) }
    var (low, high) = (0, windowBoundaries.count)
    while low < high {
      let middle = (low + high) / 2
      if windowBoundaries[middle] < offset { low = middle + 1 } else { high = middle }
    }
    return low < windowBoundaries.count && windowBoundaries[low] == offset
  }

  /// Between two ASCII characters there is always a boundary, except within CR LF.
  private func isCertain(_ offset: Int) -> Bool {
    guard offset > 0, offset < units.count else { return true }
    let (before, after) = (units[offset - 1], units[offset])
    return before < 0x80 && after < 0x80 && !(before == 0x0D && after == 0x0A)
  }

  private mutating func loadWindow(around offset: Int) {
    var (start, end) = (offset - 1, offset + 1)
    while !isCertain(start) { start -= 1 }
    while !isCertain(end) { end += 1 }
    window = start..<end
    windowBoundaries = []
    for character in String(units: units[window]) {
      windowBoundaries.append(start)
      start += character.utf16.count
    }
  }
}
