import Foundation
import Testing
import Yams

@testable import Gateway

/// Protocol/http.yaml beside the routes that there are.
@Suite struct SchemaTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Protocol/http.yaml")
  private static let methods: Set = ["get", "put", "post", "delete", "patch", "options", "head", "trace"]

  private static func schema() throws -> [String: Any] {
    try #require(try Yams.load(yaml: String(contentsOf: file, encoding: .utf8)) as? [String: Any])
  }

  /// What the file has for each method and path, as in "GET /api/workflows/{id}".
  private static func operations() throws -> [String: [String: Any]] {
    let paths = try #require(try schema()["paths"] as? [String: [String: Any]])
    var operations: [String: [String: Any]] = [:]
    for (path, item) in paths {
      for (method, operation) in item where methods.contains(method) {
        operations["\(method.uppercased()) \(path)"] = try #require(operation as? [String: Any])
      }
    }
    return operations
  }

  /// The routes in the way in which the file has them.
  private static var routes: [String: Demand] {
    var routes: [String: Demand] = [:]
    for route in Routes().table.routes {
      let segments = route.segments.map { segment in
        guard segment.hasPrefix(":") else { return String(segment) }
        let name = segment.dropFirst().prefix { $0 != "." }
        return "{\(name)}\(segment.dropFirst(name.count + 1))"
      }
      routes["\(route.method) /\(segments.joined(separator: "/"))"] = route.handler.demand
    }
    return routes
  }

  @Test func everyRouteIsInTheSchemaAndNoOther() throws {
    let (routes, operations) = (Set(Self.routes.keys), Set(try Self.operations().keys))
    #expect(routes.subtracting(operations).sorted() == [], "these routes are missing in Protocol/http.yaml")
    #expect(operations.subtracting(routes).sorted() == [], "Protocol/http.yaml has these, and there are no such routes")
  }

  /// What wants a token may be refused for it, and nothing else may.
  @Test func everyOperationSaysWhetherItWantsAToken() throws {
    let routes = Self.routes
    for (name, operation) in try Self.operations() {
      let statuses = Set(try #require(operation["responses"] as? [String: Any]).keys)
      let wantsToken = routes[name] != .nothing
      #expect(statuses.isSuperset(of: ["401", "403"]) == wantsToken, "\(name)")
      #expect((operation["security"] == nil) == wantsToken, "\(name) is \(wantsToken ? "" : "not ")for everybody")
      #expect(statuses.contains("400"), "\(name): what is no request is answered everywhere")
    }
  }

  @Test func everyOperationHasAnIDOfItsOwn() throws {
    let operations = try Self.operations()
    let ids = operations.values.compactMap { $0["operationId"] as? String }
    #expect(ids.count == operations.count && Set(ids).count == ids.count)
  }

  @Test func everyReferenceLeadsSomewhere() throws {
    let schema = try Self.schema()
    func check(_ value: Any) {
      if let list = value as? [Any] { return list.forEach(check) }
      guard let members = value as? [String: Any] else { return }
      if let reference = members["$ref"] as? String {
        var target: Any? = schema
        for part in reference.split(separator: "/").dropFirst() { target = (target as? [String: Any])?[String(part)] }
        #expect(target != nil, "\(reference) leads nowhere")
      }
      members.values.forEach(check)
    }
    check(schema)
  }
}
