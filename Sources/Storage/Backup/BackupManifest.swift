public import Workflow

/// What is in a backup.
public struct BackupManifest: Hashable, Sendable {
  /// One table, as `copy` writes it in its text format.
  public struct Table: Hashable, Sendable {
    public var name: String
    public var columns: [String]
    public var rows: Int
    public var bytes: Int
    /// SHA-256 of the bytes, in hexadecimal digits.
    public var digest: String
  }

  /// One project, as a file that can be imported by itself.
  public struct Project: Hashable, Sendable {
    public var id: String
    public var name: String
    /// Why there is no file of it; nil where there is one.
    public var problem: String?
  }

  /// The migrations that the database had.
  public var schema: [Int]
  /// When everything was as it is in the backup: UTC, as RFC 3339 has it.
  public var madeAt: String
  public var tables: [Table]
  public var projects: [Project]
  /// The newest revision that was given to a workflow.
  public var revision: Int64
}

extension BackupManifest {
  private static let format = "heddle-backup"
  private static let version = 1

  /// How many documents there are.
  public var documents: Int { tables.first { $0.name == "documents" }?.rows ?? 0 }

  /// What can be read again.
  public var json: JSONValue {
    [
      "format": .string(Self.format), "version": JSONValue(Self.version), "made_at": .string(madeAt),
      "schema": .array(schema.map { JSONValue($0) }), "revision": .string(String(revision)),
      "tables": .array(tables.map(\.json)), "projects": .array(projects.map(\.json)),
    ]
  }

  /// Nil where it is no manifest, or one of a later format.
  public init?(json: JSONValue) {
    guard json["format"]?.string == Self.format, json["version"]?.integer == Self.version,
      let revision = json["revision"]?.string.flatMap({ Int64($0) }), let madeAt = json["made_at"]?.string,
      let schema = json["schema"]?.array, let tables = json["tables"]?.array, let projects = json["projects"]?.array
    else { return nil }
    (self.revision, self.madeAt) = (revision, madeAt)
    self.schema = schema.compactMap(\.integer)
    self.tables = tables.compactMap(Table.init)
    self.projects = projects.compactMap(Project.init)
    guard self.schema.count == schema.count, self.tables.count == tables.count,
      self.projects.count == projects.count
    else { return nil }
  }
}

extension BackupManifest.Table {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "columns": .array(columns.map(JSONValue.string)), "rows": JSONValue(rows),
      "bytes": JSONValue(bytes), "sha256": .string(digest),
    ]
  }

  fileprivate init?(json: JSONValue) {
    guard let name = json["name"]?.string, let columns = json["columns"]?.array, let rows = json["rows"]?.integer,
      let bytes = json["bytes"]?.integer, let digest = json["sha256"]?.string
    else { return nil }
    self.init(name: name, columns: columns.compactMap(\.string), rows: rows, bytes: bytes, digest: digest)
  }
}

extension BackupManifest.Project {
  fileprivate var json: JSONValue {
    ["id": .string(id), "name": .string(name), "problem": problem.map(JSONValue.string) ?? .null]
  }

  fileprivate init?(json: JSONValue) {
    guard let id = json["id"]?.string, let name = json["name"]?.string else { return nil }
    self.init(id: id, name: name, problem: json["problem"]?.string)
  }
}
