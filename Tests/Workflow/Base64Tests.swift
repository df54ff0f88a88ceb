import Foundation
import Testing
import Workflow

@Suite struct Base64Tests {
  @Test func aValueHasOneText() {
    for count in 0..<64 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
      let standard = Data(bytes).base64EncodedString()
      #expect(Base64.standard.encode(bytes) == standard)
      #expect(Base64.standard.decode(standard.utf8) == bytes)
      let url = standard.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
      #expect(Base64.url.encode(bytes) == url)
      #expect(Base64.url.decode(url.utf8) == bytes)
    }
  }

  @Test(arguments: ["A", "AB", "AAAAA", "A=", "AA==", "A A", "+/"]) func whatIsNoneOfTokens(text: String) {
    #expect(Base64.url.decode(text.utf8) == nil)
  }

  @Test(arguments: ["A", "AAA", "A===", "Zm9=", "/x==", "Zm8 ", "Zm\u{e9}", "QQ=Q", "-_==", "===="])
  func whatIsNone(text: String) {
    #expect(Base64.standard.decode(text.utf8) == nil)
  }
}
