/// The page that the binary holds.
///
/// `Scripts/web` bundles Web/ and writes `Page+Bundle.swift` beside this file, with a `bundle` of its own that goes before the one
/// below. Without it everything compiles, and `/` says how to get the page.
enum Page: PageBundle {
  /// The files by name.
  static let current: [String: PageFile] = Dictionary(
    bundle.map { ($0.name, PageFile(name: $0.name, text: $0.text)) }, uniquingKeysWith: { first, _ in first })
}

/// What a binary has that was built without the page.
protocol PageBundle {}

extension PageBundle {
  static var bundle: [(name: String, text: String)] {
    [
      (
        name: "index.html",
        text: """
        <!doctype html>
        <html lang="en"><meta charset="utf-8"><title>Heddle</title>
        <p>This server was built without its page. <code>make build</code> builds it with it.</p></html>

        """
      )
    ]
  }
}
