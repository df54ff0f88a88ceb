/// One file of the page.
struct PageFile: Sendable {
  let contentType: String
  let content: [UInt8]
  /// Differs where the content does.
  let etag: String

  init(name: String, text: String) {
    content = Array(text.utf8)
    contentType = Self.types[String(name.drop { $0 != "." }.dropFirst())] ?? "application/octet-stream"
    // FNV-1a
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in content { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    etag = "\"\(String(hash, radix: 16))\""
  }

  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
  ]
}
