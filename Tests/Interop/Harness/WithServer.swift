import Testing

/// Runs a suite against one server of its own, which its tests find as `HeddleServer.shared`. They keep apart by using
/// workflows of their own.
struct WithServer: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let server = try await HeddleServer()
    do {
      try await HeddleServer.$current.withValue(server) { try await function() }
    } catch {
      try? await server.stop()
      throw error
    }
    try await server.stop()
  }
}

extension Trait where Self == WithServer {
  /// One server for the whole suite.
  static var server: Self { WithServer() }
}

extension HeddleServer {
  @TaskLocal fileprivate static var current: HeddleServer?

  /// The server of the suite.
  static var shared: HeddleServer {
    get throws { try #require(current) }
  }
}
