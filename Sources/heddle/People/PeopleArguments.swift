import ArgumentParser
import Storage
import Workflow

/// What the commands about people share.
struct PeopleOptions: ParsableArguments {
  @OptionGroup(title: "Database") var database: DatabaseOptions
  @OptionGroup(title: "Logs") var logs: LogOptions

  @Flag(help: "Answer in JSON.")
  var json = false

  /// Runs `body` on the database; what goes wrong is said and is exit code 1.
  func run(_ body: (Store) throws -> Void) throws {
    let logger = logs.start()
    try failing { try database.withStore(logger: logger, body) }
  }

  /// Says what there is, for programs or for people.
  func show(_ records: [some ShownRecord], empty: String) {
    if json { return announce(JSONValue.array(records.map(\.json)).text) }
    if records.isEmpty { return report(empty) }
    for line in TextTable.lines(records.map(\.columns)) { announce(line) }
  }

  /// Says what was done.
  func show(_ record: some ShownRecord, _ text: String) {
    announce(json ? record.json.text : text)
  }
}

/// A record that is shown in a list.
protocol ShownRecord {
  var columns: [String] { get }
  var json: JSONValue { get }
}

/// Columns of text.
enum TextTable {
  static func lines(_ rows: [[String]]) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
  }
}

/// Finds who and what is meant on the command line.
enum People {
  static func user(_ text: String, _ store: Store) throws -> UserRecord {
    guard let id = try store.wait({ store.findUser(text, $0) }),
      let user = try store.wait({ store.readUsers(id: id, $0) }).first
    else {
      let near = NearNames.of(text, in: try store.wait { store.readUsers($0) }.map(\.email))
      throw ProjectFileError(
        description: "there is no user '\(text)' ('heddle user list' has all, 'heddle user add' adds one)\(near)")
    }
    return user
  }

  /// The project with this id or name.
  static func project(_ text: String, _ store: Store) throws -> ProjectLabel {
    let projects = try store.wait { store.readProjectLabels($0) }
    let found =
      projects.first { $0.id == text.lowercased() }.map { [$0] }
      ?? projects.filter { $0.name.lowercased() == text.lowercased() }
    guard let project = found.first else {
      throw ProjectFileError(
        description: "there is no project '\(text)'\(NearNames.of(text, in: projects.map(\.name)))")
    }
    guard found.count == 1 else {
      let ids = found.map(\.id).joined(separator: ", ")
      throw ProjectFileError(description: "there are \(found.count) projects '\(text)'; say which: \(ids)")
    }
    return project
  }
}

/// Names that somebody may have meant.
enum NearNames {
  private static let count = 3

  /// ", did you mean …?" for a name that is none of these, or nothing.
  static func of(_ text: String, in names: [String]) -> String {
    let wanted = Array(text.lowercased())
    let near = names.map { (name: $0, distance: distance(wanted, Array($0.lowercased()))) }
      .filter { $0.distance <= max(2, wanted.count / 3) || $0.name.lowercased().contains(text.lowercased()) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
    guard !near.isEmpty else { return "" }
    return "; did you mean \(near.prefix(count).map { "'\($0.name)'" }.joined(separator: ", "))?"
  }

  /// How many letters have to be added, left out or replaced.
  static func distance(_ from: [Character], _ to: [Character]) -> Int {
    var row = Array(0...to.count)
    for (index, letter) in from.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, other) in to.enumerated() {
        let cost = letter == other ? diagonal : min(diagonal, row[column], row[column + 1]) + 1
        diagonal = row[column + 1]
        row[column + 1] = cost
      }
    }
    return row[to.count]
  }
}
