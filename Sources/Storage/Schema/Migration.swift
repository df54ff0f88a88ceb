/// One step of the schema's history: a numbered SQL file of Migrations/.
struct Migration: Sendable {
  let number: Int
  let name: String
  let sql: [UInt8]
  /// The oldest schema whose servers go on working, and may be started, once this step was made; its own number where nobody
  /// older does.
  let worksWith: Int

  init(_ number: Int, _ name: String, _ sql: [UInt8]) {
    self.number = number
    self.name = name
    self.sql = sql
    worksWith = Self.mark(in: sql) ?? number
  }

  /// All steps, in their order. A new file of Migrations/ gets a line here; its content is part of the binary.
  static let all: [Migration] = [
    Migration(1, "workflows", PackageResources._001_workflows_sql),
    Migration(2, "revisions", PackageResources._002_revisions_sql),
    Migration(3, "documents", PackageResources._003_documents_sql),
    Migration(4, "records", PackageResources._004_records_sql),
    Migration(5, "plans", PackageResources._005_plans_sql),
    Migration(6, "blame", PackageResources._006_blame_sql),
    Migration(7, "lineage", PackageResources._007_lineage_sql),
    Migration(8, "reconciles", PackageResources._008_reconciles_sql),
    Migration(9, "remains", PackageResources._009_remains_sql),
    Migration(10, "base_vectors", PackageResources._010_base_vectors_sql),
    Migration(11, "access", PackageResources._011_access_sql),
    Migration(12, "new_workflows", PackageResources._012_new_workflows_sql),
    Migration(13, "versions", PackageResources._013_versions_sql),
    Migration(14, "repositories", PackageResources._014_repositories_sql),
    Migration(15, "nodes", PackageResources._015_nodes_sql),
    Migration(16, "audits", PackageResources._016_audits_sql),
  ]

  /// What the comments at the head of a file say with a line `-- works with: 14`. Every file from 0015 on has one.
  private static func mark(in sql: [UInt8]) -> Int? {
    for line in String(decoding: sql, as: UTF8.self).split(separator: "\n") {
      guard line.hasPrefix("--") else { return nil }
      guard line.hasPrefix(markPrefix) else { continue }
      return Int(line.dropFirst(markPrefix.count).filter { !$0.isWhitespace })
    }
    return nil
  }

  private static let markPrefix = "-- works with:"

  /// FNV-1a of the SQL: enough to see that an applied file was edited.
  var checksum: Int64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in sql { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int64(bitPattern: hash)
  }
}
