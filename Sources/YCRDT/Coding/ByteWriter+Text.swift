extension ByteWriter {
  /// Writes a text without its first UTF-16 units; half of a surrogate pair becomes U+FFFD.
  mutating func textTail(of text: UnsafeBufferPointer<UInt8>, from offset: UInt64, isASCII: Bool) {
    guard let start = text.baseAddress else { return varUInt(0) }
    let (cut, splitsPair) =
      isASCII ? (Int(offset), false) : UTF8Shape.byteOffset(of: Int(offset), in: start)
    if splitsPair {
      varUInt(text.count - cut - 4 + 3)
      raw(UTF8Shape.replacement)
      raw(UnsafeBufferPointer(rebasing: text[(cut + 4)...]))
    } else {
      prefixed(UnsafeBufferPointer(rebasing: text[cut...]))
    }
  }
}
