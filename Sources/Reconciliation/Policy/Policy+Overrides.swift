extension Policy {
  /// This policy with other winners for some paths of its table, for instance `["jobs.*.name": .live]`.
  ///
  /// Only winners can be chosen: what a part is, and that nothing is lost of it, stays.
  /// - Throws: `PolicyError` for a path that is not in the table, or whose part has no winner; then nothing is changed.
  public func overriding(winners: [String: Winner]) throws(PolicyError) -> Policy {
    var policy = self
    for (path, winner) in winners.sorted(by: { $0.key < $1.key }) {
      guard let index = rules.firstIndex(where: { $0.dottedPath == path }) else {
        throw .unknownPath(path, known: overridablePaths)
      }
      guard rules[index].winner != nil else { throw .noWinner(path, kind: rules[index].kind) }
      policy.setWinner(winner, ofRuleAt: index)
    }
    return policy
  }

  /// The paths for which a winner can be chosen, in the table's order.
  public var overridablePaths: [String] {
    rules.filter { $0.winner != nil }.map(\.dottedPath)
  }

  /// Reads winners as they are given on a command line: `jobs.*.name=live`, one in each text.
  /// - Throws: `PolicyError` for a text of another form, and where two texts contradict each other.
  public static func winners(parsing texts: [String]) throws(PolicyError) -> [String: Winner] {
    var winners: [String: Winner] = [:]
    for text in texts {
      let parts = text.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, let winner = Winner(rawValue: String(parts[1])) else {
        throw .malformed(text)
      }
      let path = String(parts[0])
      guard winners.updateValue(winner, forKey: path) ?? winner == winner else { throw .contradiction(path) }
    }
    return winners
  }
}

/// Why winners cannot be overridden as asked.
public enum PolicyError: Error, Hashable, Sendable {
  /// The table has no such path; `known` are those with a winner.
  case unknownPath(String, known: [String])
  /// The path is in the table, but nobody ever wins there.
  case noWinner(String, kind: Policy.Kind)
  /// Not of the form `path=winner`.
  case malformed(String)
  /// Both winners are asked for one path.
  case contradiction(String)
}

extension PolicyError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownPath(let path, let known):
      "no part of a workflow is called '\(path)'; winners can be chosen for \(known.joined(separator: ", "))"
    case .noWinner(let path, let kind): "no winner can be chosen for '\(path)': \(kind.reason)"
    case .malformed(let text): "'\(text)' is not of the form path=live or path=database, as in jobs.*.name=live"
    case .contradiction(let path): "both live and database are given as the winner for '\(path)'"
    }
  }
}

extension Policy.Kind {
  fileprivate var reason: String {
    switch self {
    case .text: "texts keep the changes of both sides"
    case .set: "entities are kept when one side edits what the other deletes"
    case .serverOwned: "it always is what the database says"
    case .scalar, .map, .atomic: "it has none"
    }
  }
}
