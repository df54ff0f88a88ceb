/// Texts in which every character occurs once in a whole case, so that who wrote what, and what was kept, shows in the
/// result alone.
struct UniqueText {
  private var next: UInt32 = 0x4E00

  mutating func make(length: Int) -> String {
    var text = ""
    for _ in 0..<length {
      text.unicodeScalars.append(Unicode.Scalar(next)!)
      next += next == 0x9FFF ? 0x2_0000 - 0x9FFF : 1
    }
    return text
  }

  /// `text` after some insertions of new characters and deletions of old ones.
  mutating func edited<R: RandomNumberGenerator>(_ text: String, edits: Int, using random: inout R) -> String {
    var characters = Array(text)
    for _ in 0..<edits {
      let start = Int.random(in: 0...characters.count, using: &random)
      let length = Int.random(in: 0...min(4, characters.count - start), using: &random)
      let inserted = Bool.random(using: &random) ? make(length: Int.random(in: 0...4, using: &random)) : ""
      characters.replaceSubrange(start..<start + length, with: inserted)
    }
    return String(characters)
  }
}
