// JSON text, UTF-8, as JavaScript's `JSON.stringify` writes it: numbers that JSON cannot express are null, big integers
// are plain numbers, binaries arrays of bytes, and members that are `undefined` are left out.
extension TypeHandle {
  public func jsonBytes() -> [UInt8] { Array(json.jsonText.utf8) }
}

extension YMap {
  public func jsonBytes() -> [UInt8] {
    doc.jsonBytes { doc.store.writeJSON(type, asMap: doc.limits.jsonDepth, into: &$0) }
  }
}

extension YArray {
  public func jsonBytes() -> [UInt8] {
    doc.jsonBytes { doc.store.writeJSON(type, asArray: doc.limits.jsonDepth, into: &$0) }
  }
}

extension YText {
  public func jsonBytes() -> [UInt8] {
    doc.jsonBytes { doc.store.writeJSONText(type, into: &$0) }
  }
}

extension Doc {
  /// All root types by name as JSON text, each as what it was first asked for. O(content).
  public func jsonBytes() -> [UInt8] {
    jsonBytes { writer in
      var list = JSONList.object
      for type in 0..<UInt32(store.types.count) where store.types[type].isRoot {
        list.next(store.keys.utf8(store.types[type].name), &writer)
        store.writeJSON(type, depth: limits.jsonDepth, into: &writer)
      }
      list.end(&writer)
    }
  }

  /// Most documents are mostly text, which takes as much room here as there.
  fileprivate func jsonBytes(_ body: (inout ByteWriter) -> Void) -> [UInt8] {
    ByteWriter.array(expecting: store.bytes.count + store.bytes.count / 4 + 8192, body)
  }
}
