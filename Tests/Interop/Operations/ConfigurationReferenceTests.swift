import Foundation
import TestSupport
import Testing
import Workflow

/// The tables of the readme say of every flag what it is by default, and name no flag that is not there.
@Suite struct ConfigurationReferenceTests {
  /// A table, by what stands over its first column.
  private struct Table {
    let title: String
    var rows: [[String]] = []

    /// The flags that its rows are about.
    var flags: Set<String> { Set(rows.flatMap { ConfigurationReferenceTests.flags(in: $0[0]) }) }
  }

  /// By command its flags with their defaults; those of commands below it are among them.
  private static func commands() async throws -> [String: [String: String]] {
    let process = try LineProcess(HeddleServer.executable, ["--experimental-dump-help"])
    let progress = try await process.progress.wait(for: "the help", limit: .seconds(60)) { $0.isAtEnd ? $0 : nil }
    let tool = try JSONValue(parsing: progress.lines.joined(separator: "\n"))
    let commands = (tool["command"]?["subcommands"]?.array ?? []).map {
      ($0["commandName"]?.string ?? "", flags(of: $0))
    }
    return Dictionary(commands) { first, _ in first }
  }

  private static func flags(of command: JSONValue) -> [String: String] {
    var flags: [String: String] = [:]
    for argument in command["arguments"]?.array ?? [] where argument["shouldDisplay"]?.bool != false {
      let names = (argument["names"]?.array ?? []).filter { $0["kind"]?.string == "long" }.compactMap {
        $0["name"]?.string
      }
      for name in names where !["help", "version"].contains(name) && !name.hasPrefix("no-") {
        flags[name] = argument["defaultValue"]?.string ?? ""
      }
    }
    for below in command["subcommands"]?.array ?? [] { flags.merge(Self.flags(of: below)) { first, _ in first } }
    return flags
  }

  private static func tables() throws -> [Table] {
    let readme = try String(contentsOf: Repository.root.appendingPathComponent("README.md"), encoding: .utf8)
    var (tables, isTable): ([Table], Bool) = ([], false)
    for line in readme.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        isTable = false
        continue
      }
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      if !isTable {
        tables.append(Table(title: cells.first ?? ""))
      } else if cells.first?.hasPrefix("---") != true {
        tables[tables.count - 1].rows.append(cells)
      }
      isTable = true
    }
    return tables
  }

  private static func flags(in text: String) -> [String] {
    text.matches(of: /--([a-z][a-z-]*[a-z])/).map { String($0.1) }
  }

  /// A value in one way of writing: bytes, milliseconds, or as it is.
  private static func plain(_ text: String) -> String {
    let text = text.filter { $0 != "`" }.trimmingCharacters(in: .whitespaces)
    switch text {
    case "none", "": return ""
    case "off": return "false"
    case _ where text.hasPrefix("--no-"): return "false"
    default: break
    }
    if let match = text.wholeMatch(of: /([0-9]+) (KiB|MiB|GiB)/), let count = Int(match.1) {
      return String(count << (match.2 == "KiB" ? 10 : match.2 == "MiB" ? 20 : 30))
    }
    let units = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
    if let match = text.wholeMatch(of: /([0-9]+)(ms|s|m|h|d)/), let count = Int(match.1),
      let unit = units[String(match.2)]
    {
      return "\(count * unit) ms"
    }
    return text
  }

  @Test func everyFlagOfTheServerHasItsLineWithItsDefault() async throws {
    let serve = try #require(try await Self.commands()["serve"])
    #expect(serve.count > 80)
    // The tables of commands come behind those of the server, and have the command over them.
    let rows = try Self.tables().filter { !$0.title.hasPrefix("`heddle") }.flatMap(\.rows)
    for (flag, value) in serve.sorted(by: { $0.key < $1.key }) {
      guard let row = rows.first(where: { Self.flags(in: $0[0]).contains(flag) }), row.count > 2 else {
        Issue.record("--\(flag) has no line")
        continue
      }
      let flags = Self.flags(in: row[0])
      let parts = row[1].split(separator: ", ").map(String.init)
      let said = parts.count == flags.count ? parts[flags.firstIndex(of: flag) ?? 0] : row[1]
      // What follows from another flag stands in angle brackets.
      if said.contains("<data-dir>") { continue }
      #expect(Self.plain(said) == Self.plain(value), "--\(flag)")
    }
  }

  @Test func everyFlagOfACommandIsInItsTable() async throws {
    let commands = try await Self.commands()
    let (serve, tables) = (commands["serve"] ?? [:], try Self.tables())
    for (command, flags) in commands where command != "serve" && command != "help" {
      let own = tables.filter { Self.isAbout(command, $0.title) }
      let text = own.flatMap(\.rows).flatMap { $0 }.joined(separator: " ")
      for flag in flags.keys.sorted() where serve[flag] == nil {
        #expect(Self.flags(in: text).contains(flag), "heddle \(command) --\(flag)")
      }
    }
  }

  @Test func noTableHasAFlagThatIsNotThere() async throws {
    let commands = try await Self.commands()
    for table in try Self.tables() {
      let about = commands.filter { Self.isAbout($0.key, table.title) }
      let known = Set((about.isEmpty ? commands.filter { $0.key == "serve" } : about).values.flatMap(\.keys))
      for flag in table.flags.sorted() where !flag.hasPrefix("no-") {
        #expect(known.contains(flag), "\(table.title): --\(flag)")
      }
    }
  }

  private static func isAbout(_ command: String, _ title: String) -> Bool {
    title.hasPrefix("`heddle") && title.split { !$0.isLetter }.contains { $0 == command }
  }
}
