import ArgumentParser
import Storage

/// What is kept of saved versions and audits, each a flag: the same for servers and for `heddle compact`.
struct RetentionOptions: ParsableArguments {
  @Option(help: "Saved versions of each workflow that are kept in any case, the newest ones.")
  var retainedVersions: Int = environmentDefault("retained-versions", defaults.versions)

  @Option(help: "How long saved versions behind those are kept; 0s: for ever.")
  var versionRetention: Duration = environmentDefault("version-retention", defaults.versionAge)

  @Option(help: "How long entries of the audit of projects are kept; 0s: for ever.")
  var projectAuditRetention: Duration = environmentDefault("project-audit-retention", defaults.auditAge)

  @Option(help: "How many of these are let go of in one transaction.")
  var retentionBatch: Int = environmentDefault("retention-batch", defaults.batch)

  private static let defaults = RetentionPolicy()

  mutating func validate() throws {
    guard retainedVersions > 0 else { throw ValidationError("--retained-versions is less than 1") }
    guard retentionBatch > 0 else { throw ValidationError("--retention-batch is less than 1") }
  }

  /// Puts what the flags say into `configuration`.
  func apply(to configuration: inout StoreConfiguration) {
    configuration.retention.versions = retainedVersions
    configuration.retention.versionAge = versionRetention
    configuration.retention.auditAge = projectAuditRetention
    configuration.retention.batch = retentionBatch
  }
}

/// How a server does that by itself.
struct RetentionServiceOptions: ParsableArguments {
  @OptionGroup var retention: RetentionOptions

  @Option(help: "How often one of the servers looks for what is older; 0s: never, only 'heddle compact' does.")
  var retentionInterval: Duration = environmentDefault(
    "retention-interval", StoreConfiguration(conninfo: "").retentionInterval)

  func apply(to configuration: inout StoreConfiguration) {
    retention.apply(to: &configuration)
    configuration.retentionInterval = retentionInterval
  }
}
