/// Which tables a backup has. Every table of the schema is in one of these lists.
enum BackupTables {
  /// What is kept, each behind those that it refers to.
  static let kept = [
    "projects", "project_credentials", "keychain_credentials", "collections", "workflows", "jobs", "triggers",
    "workflow_edges", "workflow_snapshots", "workflow_versions", "project_audit", "sandbox_bases", "documents",
    "document_bases", "document_updates", "document_checkpoints", "document_blame", "document_lineages",
    "document_branches", "document_remains", "reconciliations", "conflicts", "workflow_writes", "workflow_outbox",
    "users", "project_memberships", "project_repo_connections", "repo_states", "repo_bases", "repo_syncs",
    "repo_deliveries", "revoked_tokens",
  ]
  /// What lets whoever has it make tokens: only where it is asked for.
  static let secret = ["token_secrets"]
  /// What is of no use elsewhere or later.
  static let passing = [
    "heddle_migrations", "import_plans", "document_presence", "nodes", "document_claims", "installation",
    "document_differences",
  ]
}
