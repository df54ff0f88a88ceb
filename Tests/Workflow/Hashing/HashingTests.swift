import Testing
import Workflow

@Suite struct HashingTests {
  /// The examples of FIPS 180-4, and lengths around the end of a block (made with Python's hashlib).
  @Test(arguments: [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func hashesAsTheStandardSays(text: String, times: Int, expected: String) {
    #expect(SHA256.hexadecimal(String(repeating: text, count: times).utf8) == expected)
  }

  /// The test cases 1, 2 and 6 of RFC 4231.
  @Test func codesAsTheStandardSays() {
    let cases: [(secret: [UInt8], text: String, code: String)] = [
      (
        [UInt8](repeating: 0x0b, count: 20), "Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        Array("Jefe".utf8), "what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
    ]
    for (secret, text, code) in cases {
      #expect(Hexadecimal.text(MessageCode.code(Array(text.utf8), secret: secret)) == code)
    }
  }

  @Test func onlyTheSameIsEqual() {
    #expect(MessageCode.isEqual("abc", "abc") && MessageCode.isEqual("", ""))
    #expect(!MessageCode.isEqual("abc", "abd") && !MessageCode.isEqual("abc", "ab") && !MessageCode.isEqual("", "a"))
  }

  @Test func oneOtherDigitAnywhereIsADifference() {
    let code = SHA256.hexadecimal("a message".utf8)
    for place in 0..<code.utf8.count {
      for digit in "0123456789abcdef".utf8 where digit != Array(code.utf8)[place] {
        var forged = Array(code.utf8)
        forged[place] = digit
        #expect(!MessageCode.isEqual(code, String(decoding: forged, as: UTF8.self)), "\(place)")
      }
    }
  }
}
