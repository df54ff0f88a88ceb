extension HTTPRequest {
  /// What the body is, in lower case and without parameters; nil where the request does not say it.
  var mediaType: String? {
    header("content-type")?.split(separator: ";", omittingEmptySubsequences: false).first.map {
      $0.lowercased().filter { $0 != " " && $0 != "\t" }
    }
  }
}
