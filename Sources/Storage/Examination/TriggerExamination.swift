/// Whether the triggers and functions are there, and enabled, by which changes of rows are noticed whoever makes them.
struct TriggerExamination {
  let connection: PostgresConnection
  let migrations: [Migration]

  func findings() throws(PostgresError) -> [Finding] {
    let expected = Expectation(migrations)
    let rows = try connection.execute(.triggers)
    var states: [Expectation.Trigger: String] = [:]
    for row in 0..<rows.count {
      states[Expectation.Trigger(table: rows.text(row, 0), name: rows.text(row, 1))] = rows.text(row, 2)
    }
    var findings: [Finding] = []
    for trigger in expected.triggers.sorted(by: { ($0.table, $0.name) < ($1.table, $1.name) }) {
      if let finding = Self.finding(trigger, state: states[trigger]) { findings.append(finding) }
    }
    let found = try connection.execute(.functions)
    let functions = Set((0..<found.count).map { found.text($0, 0) })
    for name in expected.functions.subtracting(functions).sorted() {
      findings.append(
        Finding(
          "triggers", .failure, "the function \(name) is missing", advice: "make it again as its migration has it"))
    }
    guard findings.isEmpty else { return findings }
    let text = "\(expected.triggers.count) triggers and \(expected.functions.count) functions are in place"
    return [Finding("triggers", .ok, text)]
  }

  private static func finding(_ trigger: Expectation.Trigger, state: String?) -> Finding? {
    let what = "the trigger \(trigger.name) of \(trigger.table)"
    switch state {
    case "O", "A": return nil
    case nil:
      return Finding(
        "triggers", .failure, "\(what) is missing: changes of rows go unnoticed or stay as they were written",
        advice: "make it again as its migration has it")
    default:
      return Finding(
        "triggers", .failure, "\(what) is disabled: changes of rows go unnoticed or stay as they were written",
        advice: "alter table \(trigger.table) enable trigger \(trigger.name)")
    }
  }
}

/// The triggers and functions that migrations leave, read from their SQL.
struct Expectation {
  struct Trigger: Hashable {
    let table: String
    let name: String
  }

  private(set) var triggers: Set<Trigger> = []
  private(set) var functions: Set<String> = []

  init(_ migrations: [Migration]) {
    for migration in migrations {
      let lines = String(decoding: migration.sql, as: UTF8.self).split(separator: "\n")
      let code = lines.map { $0.split(separator: "--", omittingEmptySubsequences: false)[0] }.joined(separator: " ")
      read(code.lowercased().split { $0.isWhitespace || $0 == ";" || $0 == "(" }.map(String.init))
    }
  }

  private mutating func read(_ words: [String]) {
    for index in words.indices.dropLast(2) {
      var rest = words[(index + 1)...]
      if rest.starts(with: ["or", "replace"]) { rest = rest.dropFirst(2) }
      guard let kind = rest.popFirst(), let name = rest.popFirst() else { continue }
      switch (words[index], kind) {
      case ("create", "function"): functions.insert(name)
      case ("drop", "function"): functions.remove(name)
      case ("create", "trigger"), ("drop", "trigger"):
        guard let on = rest.firstIndex(of: "on"), on + 1 < rest.endIndex else { continue }
        let trigger = Trigger(table: rest[on + 1], name: name)
        if words[index] == "create" { triggers.insert(trigger) } else { triggers.remove(trigger) }
      default: continue
      }
    }
  }
}

extension Statement {
  fileprivate static let triggers = Statement(
    "triggers",
    """
    select c.relname::text, t.tgname::text, t.tgenabled::text from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where not t.tgisinternal and c.oid = to_regclass(quote_ident(c.relname))
    """)
  fileprivate static let functions = Statement(
    "functions",
    "select distinct proname::text from pg_proc where proname like 'heddle%' and pg_function_is_visible(oid)")
}
