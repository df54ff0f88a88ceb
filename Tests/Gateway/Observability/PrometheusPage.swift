/// A page in the Prometheus text format, read as strictly as its description allows: what a lenient reader forgives is an error.
struct PrometheusPage {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  struct Sample: Hashable {
    let name: String
    let labels: [String: String]
    let value: Double
  }

  struct Family {
    let name: String
    let help: String
    let type: String
    var samples: [Sample] = []
  }

  private(set) var families: [Family] = []

  /// What a query can ask for: the names of samples.
  var names: Set<String> { Set(families.flatMap { $0.samples.map(\.name) }) }

  init(_ text: String) throws {
    guard text.hasSuffix("\n") else { throw Failure(description: "the last line does not end") }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    while let line = lines.popFirst() {
      guard line.hasPrefix("# HELP "), let next = lines.popFirst(), next.hasPrefix("# TYPE ") else {
        throw Failure(description: "a family begins with its help and type: \(line)")
      }
      let help = line.split(separator: " ", maxSplits: 3).map(String.init)
      let type = next.split(separator: " ").map(String.init)
      guard help.count == 4, type.count == 4, help[2] == type[2] else {
        throw Failure(description: "\(line) / \(next)")
      }
      var family = Family(name: help[2], help: help[3], type: type[3])
      while let sample = lines.first, !sample.hasPrefix("#") {
        family.samples.append(try Self.sample(sample))
        lines.removeFirst()
      }
      families.append(family)
    }
    try check()
  }

  private static func sample(_ line: Substring) throws -> Sample {
    var rest = line
    let name = String(rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
    rest = rest.dropFirst(name.count)
    var labels: [String: String] = [:]
    if rest.first == "{" {
      guard let end = rest.firstIndex(of: "}") else { throw Failure(description: "labels do not end: \(line)") }
      for pair in rest[rest.index(after: rest.startIndex)..<end].split(separator: ",") {
        let parts = pair.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, parts[1].count >= 2, parts[1].first == "\"", parts[1].last == "\"",
          !parts[1].dropFirst().dropLast().contains("\""), labels[String(parts[0])] == nil
        else { throw Failure(description: "no labels: \(line)") }
        labels[String(parts[0])] = String(parts[1].dropFirst().dropLast())
      }
      rest = rest[rest.index(after: end)...]
    }
    guard !name.isEmpty, rest.first == " ", let value = Double(rest.dropFirst()) else {
      throw Failure(description: "no sample: \(line)")
    }
    return Sample(name: name, labels: labels, value: value)
  }

  private func check() throws {
    var seen: Set<String> = []
    for family in families {
      guard seen.insert(family.name).inserted else { throw Failure(description: "\(family.name) comes twice") }
      guard !family.samples.isEmpty else { throw Failure(description: "\(family.name) has no samples") }
      guard
        Set(family.samples.map { "\($0.name)\($0.labels.sorted { $0.key < $1.key })" }).count == family.samples.count
      else { throw Failure(description: "\(family.name) has a sample twice") }
      try check(family)
    }
  }

  private func check(_ family: Family) throws {
    let isCounter = family.type == "counter"
    guard family.name.hasSuffix("_total") == isCounter else {
      throw Failure(description: "\(family.name) is a \(family.type): counters, and no others, end in _total")
    }
    switch family.type {
    case "histogram": try checkHistogram(family)
    case "counter", "gauge":
      guard family.samples.allSatisfy({ $0.name == family.name }) else { throw Failure(description: family.name) }
      guard !isCounter || family.samples.allSatisfy({ $0.value >= 0 }) else { throw Failure(description: family.name) }
    default: throw Failure(description: "\(family.name) has type \(family.type)")
    }
    let words = family.name.split(separator: "_")
    for wrong in ["ms", "milliseconds", "kb", "mb", "kilobytes", "minutes"] where words.contains(Substring(wrong)) {
      throw Failure(description: "\(family.name): units are seconds and bytes")
    }
  }

  private func checkHistogram(_ family: Family) throws {
    let buckets = family.samples.filter { $0.name == family.name + "_bucket" }
    let bounds = buckets.compactMap { $0.labels["le"] }.compactMap { $0 == "+Inf" ? Double.infinity : Double($0) }
    let counts = buckets.map(\.value)
    guard let sum = family.samples.first(where: { $0.name == family.name + "_sum" }),
      let count = family.samples.first(where: { $0.name == family.name + "_count" }),
      family.samples.count == buckets.count + 2, bounds.count == buckets.count, bounds.last == .infinity,
      bounds == bounds.sorted(), counts == counts.sorted(), counts.last == count.value, sum.value >= 0
    else { throw Failure(description: "\(family.name) is no histogram") }
  }
}
