#if canImport(Glibc)
  import Glibc
#endif

/// What a folder has in it, sorted, without "." and ".."; nothing where it cannot be read.
///
/// Foundation's `contentsOfDirectory` copies whole entries, beyond the end of what was read for the last one: `/proc` crashed it.
public func names(inFolder path: String) -> [String] {
  guard let stream = opendir(path) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}
