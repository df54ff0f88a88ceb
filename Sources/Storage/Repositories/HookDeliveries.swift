/// Messages of repositories that were received.
enum HookDeliveries {
  /// Notes a message. False where it was received before. What is older than `window` is forgotten, and of more than `limit`
  /// the oldest.
  static func note(
    _ id: String, of connectionID: String, window: Duration, limit: Int, _ connection: PostgresConnection
  ) throws -> Bool {
    try connection.execute(.forgetDeliveries, .uuid(connectionID), .int8(window.wholeMilliseconds), .int8(Int64(limit)))
    return try connection.execute(.noteDelivery, .uuid(connectionID), .text(id)).affected > 0
  }
}

extension Statement {
  fileprivate static let forgetDeliveries = Statement(
    "forget_deliveries",
    """
    delete from repo_deliveries where connection_id = $1 and (
      received_at < clock_timestamp() - $2::bigint * interval '1 millisecond'
      or id in (select id from repo_deliveries where connection_id = $1 order by received_at desc offset $3))
    """)
  fileprivate static let noteDelivery = Statement(
    "note_delivery", "insert into repo_deliveries (connection_id, id) values ($1, $2) on conflict do nothing")
}
