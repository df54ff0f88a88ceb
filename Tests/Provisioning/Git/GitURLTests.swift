import Testing

@testable import Provisioning

@Suite("URLs of repositories")
struct GitURLTests {
  @Test(
    "are folders, ssh and https",
    arguments: [
      ("/srv/git/a b.git", GitURL.Place.folder("/srv/git/a b.git")), ("file:///srv/a%20b.git", .folder("/srv/a b.git")),
      ("file://localhost/srv/a.git", .folder("/srv/a.git")),
      ("ssh://git@example.com:2222/a/b.git", .ssh(host: "example.com")),
      ("ssh://example.com/~/b.git", .ssh(host: "example.com")), ("git@Example.com:a/b.git", .ssh(host: "example.com")),
      ("host:b", .ssh(host: "host")), ("git@[::1]:b", .ssh(host: "[::1]")),
      ("https://example.com/a.git", .https(host: "example.com")),
      ("https://example.com:8443/a", .https(host: "example.com")),
      ("http://127.0.0.1:3000/a", .http(host: "127.0.0.1")),
      ("git@host:de\u{301}part", .ssh(host: "host")), ("http://localhost/a", .http(host: "localhost")),
      ("http://[::1]:80/a", .http(host: "[::1]")),
    ])
  func good(_ text: String, _ place: GitURL.Place) throws {
    let url = try GitURL(text)
    #expect(url.place == place)
    #expect(url.description == text)
  }

  @Test(
    "are refused where git would run something, a secret is in them, or nothing is there",
    arguments: [
      "", "-", "--upload-pack=touch /tmp/x", "ext::sh -c touch% /tmp/x", "fd::17", "ext::x", "a::b",
      "git://example.com/a",
      "ftp://example.com/a", "http://example.com/a", "http://127.0.0.1.example.com/a", "relative/path", "./a", "~/a",
      "https://user:secret@example.com/a", "https://secret@example.com/a", "ssh://git:secret@example.com/a",
      "git:secret@example.com:a", "ssh://-oProxyCommand=x/a", "-oProxyCommand=x:a", "git@-host:a", "-user@host:a",
      "host:-path", "host:", "ssh://host", "ssh://host/", "https://host", "https:///a", "ssh:///a", "https://ho st/a",
      "https://host/a\nb", "/srv/\u{7}", "file://other/a", "file:///a%0", "file:///a%zz", "file:///a%0ab", "file:///",
      "https://host/a?token=secret", "https://host/a#secret", "ssh://host:0/a", "ssh://host:+1/a", "ssh://host:99999/a",
      "ssh://ho%20st/a", "https://h\u{e4}st/a", "/", "transport::https://host/a",
      "/" + String(repeating: "a", count: 2048), "ext::\u{301}sh", "-\u{301}x:a", "https://host/a?\u{301}token=secret",
      "/\u{301}a",
    ])
  func bad(_ text: String) {
    let problem = #expect(throws: GitURLProblem.self) { try GitURL(text) }
    #expect(problem?.description.contains("secret@") == false)
    #expect(problem?.description.contains("=secret") == false)
  }

  @Test("a password is refused with what to do instead")
  func password() {
    let problem = #expect(throws: GitURLProblem.self) { try GitURL("https://me:hunter2@example.com/a") }
    #expect(problem?.description.contains("credential helper") == true)
    #expect(problem?.description.contains("hunter2") == false)
  }

  @Test("what git says has no secrets and no control characters in it")
  func output() {
    let said = GitError.withoutSecrets(
      "fatal: unable to access 'https://me:hunter2@example.com/a/': \u{1B}[31mno\u{7}\r\nsee http://token@h/x and a@b\n"
    )
    #expect(said == "fatal: unable to access 'https://example.com/a/': [31mno\nsee http://h/x and a@b")
    #expect(GitError.withoutSecrets(String(repeating: "long ", count: 10_000)).count == 2001)
  }
}
