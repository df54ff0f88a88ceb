@testable import Storage

/// What a migration may do while servers of the schema before go on working: add what they do not know of. It may not take away,
/// rename or forbid, and nothing that takes long while others wait: rewriting or checking a table that is there, or its index.
struct MigrationRules {
  /// What in a file is against the rules; empty where nothing is. Tables whose rows are of no use for long count as its own: they
  /// are small.
  static func violations(of migration: Migration) -> [String] {
    let statements = Self.statements(of: String(decoding: migration.sql, as: UTF8.self))
    let own = Set(statements.compactMap { name(in: $0, after: ["create table ", "create unlogged table "]) }).union(
      BackupTables.passing)
    var violations = statements.flatMap { Self.violations(of: $0, own: own) }
    if migration.worksWith >= migration.number { violations.append("no line '-- works with: <schema>' at its head") }
    return violations
  }

  private static func violations(of statement: String, own: Set<String>) -> [String] {
    let allowed = [
      "create table ", "create unlogged table ", "create function ", "create or replace function ", "create trigger ",
      "create or replace trigger ",
      "create sequence ", "comment on ",
    ]
    if let table = name(in: statement, after: ["insert into "]) {
      return own.contains(table) ? [] : ["rows for a table that is there: \(table)"]
    }
    if allowed.contains(where: statement.hasPrefix) { return [] }
    if let index = name(in: statement, after: ["create index ", "create unique index "]) {
      let table = statement.split(separator: " on ").last?.prefix { $0 != "(" && $0 != " " }
      return table.map { own.contains(String($0)) } == true ? [] : ["an index of a table that is there: \(index)"]
    }
    if statement.hasPrefix("drop trigger ") { return [] }
    guard let table = name(in: statement, after: ["alter table "]) else { return ["'\(statement.prefix(60))'"] }
    return own.contains(table) ? [] : actions(of: statement, table).compactMap(violation)
  }

  /// What an `alter table` consists of, split at the commas that are in no parentheses.
  private static func actions(of statement: String, _ table: String) -> [String] {
    var (actions, depth) = ([""], 0)
    for character in statement.dropFirst("alter table \(table) ".count) {
      depth += character == "(" ? 1 : character == ")" ? -1 : 0
      if character == ",", depth == 0 { actions.append("") } else { actions[actions.count - 1].append(character) }
    }
    return actions.map { $0.drop { $0 == " " }.description }
  }

  private static func violation(of action: String) -> String? {
    if action.hasPrefix("alter column "), action.contains(" set storage ") || action.contains(" set default ") {
      return nil
    }
    if action.hasPrefix("add constraint "), action.hasSuffix(" not valid") { return nil }
    guard action.hasPrefix("add column ") else { return "'\(action)'" }
    // A constant default is noted once; anything else is written into every row, and a check reads all of them.
    let isConstant = !action.contains("default ") || !action.split(separator: "default ").last!.contains("(")
    guard isConstant else { return "a default that is computed for each row: '\(action)'" }
    guard !action.contains("not null") || action.contains("default ") else {
      return "a column that older servers do not fill: '\(action)'"
    }
    let forbids = ["check", "references", "unique", "primary key", "generated"].first { action.contains(" \($0)") }
    return forbids.map { "a new rule for rows that are there (\($0)): '\(action)'" }
  }

  private static func name(in statement: String, after starts: [String]) -> String? {
    for start in starts where statement.hasPrefix(start) {
      return String(statement.dropFirst(start.count).prefix { $0 != " " && $0 != "(" })
    }
    return nil
  }

  /// The statements without comments, strings of functions and line breaks, in lower case.
  static func statements(of sql: String) -> [String] {
    let code = sql.split(separator: "\n").map { $0.split(separator: "--", omittingEmptySubsequences: false)[0] }
      .joined(separator: " ")
    let parts = code.split(separator: "$$", omittingEmptySubsequences: false)
    let outside = parts.enumerated().filter { $0.offset % 2 == 0 }.map { String($0.element) }.joined(separator: "''")
    return outside.lowercased().split(separator: ";")
      .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }.filter { !$0.isEmpty }
  }
}
