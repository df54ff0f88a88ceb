import TestSupport
import Testing

@testable import Gateway

/// How the files of the page are served.
@Suite struct PageFileTests {
  @Test func whatABrowserHasAlreadyIsNotSentAgain() throws {
    let site = try AccessSite()
    defer { site.stop() }
    for path in ["/"] + Page.current.keys.sorted().map({ "/assets/\($0)" }) {
      let first = try site.request("GET", path)
      let tag = try #require(first.headers["etag"])
      #expect(first.status == 200 && !first.body.isEmpty && first.headers["cache-control"] == "no-cache", "\(path)")
      #expect(first.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
      #expect(first.headers["x-content-type-options"] == "nosniff")
      for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
        let again = try site.request("GET", path, headers: ["If-None-Match: \(known)"])
        #expect(again.status == 304 && again.body.isEmpty && again.headers["etag"] == tag, "\(path) \(known)")
      }
      #expect(try site.request("GET", path, headers: ["If-None-Match: \"other\""]).status == 200)
    }
    #expect(try site.request("GET", "/assets/nothing.js").status == 404)
  }

  @Test func filesThatDifferHaveOtherTags() {
    let files = ["a", "b", ""].map { PageFile(name: "page.js", text: $0) }
    #expect(Set(files.map(\.etag)).count == 3)
    #expect(files[0].contentType == "text/javascript; charset=utf-8")
    #expect(PageFile(name: "page.js", text: "a").etag == files[0].etag)
  }
}
