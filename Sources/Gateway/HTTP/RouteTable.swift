/// Finds the handler for a method and a path, and says which of "no such path" and "not with this method" it is.
///
/// A pattern is a path whose segments may be `:name`, which matches any one segment and captures it, or `:name.suffix`, which
/// does so with one that ends like that. Of several that match the first counts.
struct RouteTable<Handler> {
  struct Route {
    let method: String
    let segments: [Substring]
    let handler: Handler
  }

  /// What a path and method lead to.
  enum Match {
    case found(Handler, parameters: [String: String])
    case methodNotAllowed(allowed: [String])
    case notFound
  }

  private(set) var routes: [Route] = []

  /// Adds a route, for example `add("POST", "/api/workflows/:id/save", …)`.
  mutating func add(_ method: String, _ pattern: String, _ handler: Handler) {
    routes.append(Route(method: method, segments: pattern.split(separator: "/"), handler: handler))
  }

  /// Looks up a decoded path. O(number of routes).
  func match(_ method: String, segments: [String]) -> Match {
    var allowed: [String] = []
    for route in routes {
      guard let parameters = Self.parameters(of: route.segments, in: segments) else { continue }
      if route.method == method { return .found(route.handler, parameters: parameters) }
      allowed.append(route.method)
    }
    return allowed.isEmpty ? .notFound : .methodNotAllowed(allowed: allowed.sorted())
  }

  private static func parameters(of pattern: [Substring], in segments: [String]) -> [String: String]? {
    guard pattern.count == segments.count else { return nil }
    var parameters: [String: String] = [:]
    for (expected, actual) in zip(pattern, segments) {
      if expected.hasPrefix(":") {
        let name = expected.dropFirst().prefix { $0 != "." }
        let suffix = expected.dropFirst(name.count + 1)
        guard actual.hasSuffix(suffix) else { return nil }
        parameters[String(name)] = String(actual.dropLast(suffix.count))
      } else if expected != actual {
        return nil
      }
    }
    return parameters
  }
}
