import TestSupport
import Testing

@testable import YCRDT

@Suite struct UTF8ShapeTests {
  private func shape(_ bytes: [UInt8]) -> UTF8Shape? {
    bytes.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.flatMap { UTF8Shape(scanning: $0, buffer.count) }
    }
  }

  @Test func oneCharacterThatIsNotASCIIIsSeenWhereverItStands() {
    for count in 1...40 {
      let plain = [UInt8](repeating: 0x61, count: count)
      #expect(shape(plain)?.isASCII == true && shape(plain)?.utf16Count == count)
      for place in 0...count {
        for character in ["é", "€", "😀"] {
          let text = Array(plain[..<place] + Array(character.utf8) + plain[place...])
          let found = shape(text)
          #expect(found?.isASCII == false, "\(character) at \(place) of \(count)")
          #expect(found?.utf16Count == count + character.utf16.count)
        }
        if place < count {
          var broken = plain
          broken[place] = 0x80
          #expect(shape(broken)?.utf16Count == nil, "a byte that begins nothing at \(place) of \(count)")
        }
      }
    }
  }

  @Test func offsetsAreTheSameFromBothEnds() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<100 {
      let text = (0..<Int.random(in: 1...60, using: &random)).map { _ in
        ["a", "é", "€", "😀"].randomElement(using: &random) ?? ""
      }.joined()
      let (bytes, count) = (Array(text.utf8), text.utf16.count)
      // What is read behind the text does not count.
      (bytes + [UInt8](repeating: 0xFF, count: 16)).withUnsafeBufferPointer { buffer in
        let content = UnsafeBufferPointer(rebasing: buffer[..<bytes.count])
        for offset in 0...count {
          let expected = UTF8Shape.byteOffset(of: offset, in: buffer.baseAddress.unsafelyUnwrapped)
          let found = UTF8Shape.byteOffset(of: offset, in: content, utf16Count: count)
          #expect(found == expected, "\(offset) in \(text)")
        }
      }
    }
  }
}
