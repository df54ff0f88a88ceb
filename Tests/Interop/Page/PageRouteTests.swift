import TestSupport
import Testing

/// `GET /` and `/assets/…`: the page as the binary holds it. `make test` and `Scripts/web` put it there.
@Suite struct PageRouteTests {
  private let site: Site

  init() throws { site = try Site() }

  private func get(_ path: String, headers: [String] = []) throws -> TestResponse {
    try TestSocket(port: site.port).get(path, headers: headers)
  }

  @Test(arguments: [
    ("/", "text/html; charset=utf-8"), ("/assets/page.js", "text/javascript; charset=utf-8"),
    ("/assets/page.css", "text/css; charset=utf-8"), ("/assets/icon.svg", "image/svg+xml"),
  ])
  func everyFileIsServedAndSentOnce(path: String, type: String) throws {
    let first = try get(path)
    #expect(first.status == 200)
    #expect(first.headers["content-type"] == type)
    #expect(first.headers["cache-control"] == "no-cache")
    #expect(!first.body.isEmpty)
    let tag = try #require(first.headers["etag"])
    for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
      let again = try get(path, headers: ["If-None-Match: \(known)"])
      #expect(again.status == 304)
      #expect(again.body.isEmpty)
      #expect(again.headers["etag"] == tag)
    }
    #expect(try get(path, headers: ["If-None-Match: \"other\""]).status == 200)
  }

  /// What the browser is told to load is this server's and nobody else's, and the page asks for nothing else.
  @Test func nothingForeignIsLoaded() throws {
    let page = try get("/")
    let policy = try #require(page.headers["content-security-policy"])
    #expect(policy.hasPrefix("default-src 'none'; "))
    #expect(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains("*"))
    #expect(page.headers["x-content-type-options"] == "nosniff")
    #expect(page.text.contains("src=\"/assets/page.js\""), "built without the page: run Scripts/web first")
    for path in ["/", "/assets/page.css"] {
      let text = try get(path).text
      #expect(!text.contains("http://") && !text.contains("https://") && !text.contains("@import"))
    }
  }

  @Test func whatIsNoFileIsNotThere() throws {
    #expect(try get("/assets/page.map").status == 404)
    #expect(try get("/assets/..%2Fpage.js").status == 404)
    #expect(try get("/index.html").status == 404)
  }
}
