import ArgumentParser

/// The command line: `heddle serve`, `heddle migrate`, `heddle import`, `heddle export`, `heddle diff`,
/// `heddle restore`, `heddle user`, `heddle member`, `heddle repo`, `heddle sync`, `heddle sandbox`, `heddle token`, `heddle doctor`,
/// `heddle compact`, `heddle record`, `heddle replay`.
///
/// Exit codes: 0 done, 1 failed, 64 the command line is wrong.
@main
struct Heddle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "heddle",
    abstract: "The server behind a collaborative workflow editor.",
    discussion: """
      Every flag can also be given as an environment variable: --database-url is HEDDLE_DATABASE_URL.
      """,
    version: "0.1.0",
    subcommands: [
      ServeCommand.self, MigrateCommand.self, ImportCommand.self, ExportCommand.self, DiffCommand.self,
      RestoreCommand.self, UserCommand.self, MemberCommand.self, RepoCommand.self, SyncCommand.self,
      SandboxCommand.self, TokenCommand.self,
      DoctorCommand.self, CompactCommand.self, RecordCommand.self, ReplayCommand.self,
    ])
}
