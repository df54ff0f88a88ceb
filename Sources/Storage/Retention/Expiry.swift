/// Letting go of records by age, a bounded number of rows at a time: what does it has other things to do.
///
/// Each statement takes the age in seconds and how many rows it may change.
enum Expiry {
  /// How many rows one statement changes at most.
  static let batch = 2000

  static let statements =
    Records.expiry + Branches.expiry + Lineages.expiry + NewWorkflow.expiry + TokenRecords.expiry + SyncHistory.expiry

  /// Does it once. Returns whether something may be left. What cannot be let go of is no reason to keep the rest, and is told
  /// `failed`.
  static func step(
    olderThan age: Duration, batch: Int = batch, _ connection: PostgresConnection, failed: (PostgresError) -> Void
  ) throws(PostgresError) -> Bool {
    var hasMore = false
    for statement in statements {
      do {
        let rows = try connection.execute(statement, .int8(age.components.seconds), .int8(Int64(batch)))
        hasMore = hasMore || rows.affected >= batch
      } catch  where !error.connectionLost {
        failed(error)
      }
    }
    return hasMore
  }
}
