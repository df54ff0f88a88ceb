import TestSupport
import Workflow

/// Who writes to the rows from outside of the documents.
enum Writer: CaseIterable, Sendable {
  /// `POST /api/provision`.
  case provision
  /// Somebody with psql.
  case sql
  /// A provisioner that writes by itself and then calls `POST /hooks/imported`.
  case hook
}

/// Whether somebody has the document open while it is written to the rows.
enum Presence: CaseIterable, Sendable {
  case live, cold
}

extension Site {
  /// Changes a workflow's rows as `writer` does, and raises the lock version as an importer does.
  func write(
    _ writer: Writer, workflow: String = SampleProject.workflow, _ change: (inout WorkflowContent) -> Void
  ) throws {
    var content = try rows(workflow).content
    let before = content
    change(&content)
    if writer == .provision {
      try post("/api/provision", content.asImport, expecting: 201)
    } else {
      try database.run(content.asSQL(raisingLockVersion: content != before))
    }
    if writer == .hook { try post("/hooks/imported", ["workflow_ids": [.string(workflow)]], expecting: 202) }
  }

  /// Writes while `tab` has the document open, or after it has left and the document is stored. Returns a tab that
  /// shows what came of it: the same one, or one that was opened afterwards.
  func write(
    _ writer: Writer, _ presence: Presence, past tab: Tab, _ change: (inout WorkflowContent) -> Void
  ) throws -> Tab {
    try tab.settle()
    if presence == .cold {
      tab.close()
      try restart()
    }
    try write(writer, change)
    guard presence == .live else { return try Tab(self, clientID: 900_000_009) }
    let version = try rows().lockVersion
    try tab.wait { WorkflowDocument.lockVersion(of: $0) == version }
    return tab
  }
}

extension WorkflowContent {
  /// A project document with this one workflow.
  fileprivate var asImport: JSONValue {
    func list(_ key: String, _ keys: Set<String>) -> JSONValue {
      .array((json[key]?.array ?? []).map { .object(($0.object ?? [:]).filter { keys.contains($0.key) }) })
    }
    return [
      "id": .string(SampleProject.id), "name": "sample",
      "workflows": [
        [
          "id": .string(id), "name": .string(name),
          "jobs": list("jobs", ["id", "name", "body", "adaptor"]),
          "triggers": list(
            "triggers", ["id", "type", "enabled", "cron_expression", "cron_cursor_job_id", "webhook_reply"]),
          "edges": list(
            "edges",
            [
              "id", "source_job_id", "source_trigger_id", "target_job_id", "condition_type", "condition_expression",
              "condition_label", "enabled",
            ]),
        ]
      ],
    ]
  }

  /// Commands that give the rows this content, in one transaction.
  fileprivate func asSQL(raisingLockVersion: Bool) -> String {
    """
    begin;
    \(upsert("jobs", "jobs", [("name", "text"), ("body", "text"), ("adaptor", "text")]))
    \(upsert("triggers", "triggers", [
      ("type", "text"), ("enabled", "boolean"), ("cron_expression", "text"), ("cron_cursor_job_id", "uuid"),
      ("webhook_reply", "text"),
    ]))
    \(upsert("workflow_edges", "edges", [
      ("source_job_id", "uuid"), ("source_trigger_id", "uuid"), ("target_job_id", "uuid"), ("condition_type", "text"),
      ("condition_expression", "text"), ("condition_label", "text"), ("enabled", "boolean"),
    ]))
    update workflows set name = $a$\(name)$a$, lock_version = lock_version + \(raisingLockVersion ? 1 : 0)
      where id = '\(id)';
    commit;
    """
  }

  private func upsert(_ table: String, _ list: String, _ columns: [(name: String, type: String)]) -> String {
    let names = columns.map(\.name)
    let records = "$json$\((json[list] ?? []).text)$json$::jsonb"
    let new = names.map { "excluded.\($0)" }.joined(separator: ", ")
    return """
      delete from \(table) where workflow_id = '\(id)'
        and id not in (select (x->>'id')::uuid from jsonb_array_elements(\(records)) x);
      insert into \(table) as t (id, workflow_id, \(names.joined(separator: ", ")))
        select r.id, '\(id)', \(names.map { "r.\($0)" }.joined(separator: ", "))
        from jsonb_to_recordset(\(records))
          as r(id uuid, \(columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")))
        on conflict (id) do update set (\(names.joined(separator: ", "))) = (\(new))
        where (\(names.map { "t.\($0)" }.joined(separator: ", "))) is distinct from (\(new));
      """
  }
}
