import TestSupport
import Testing

@Suite struct VectorSupportTests {
  @Test func hashesAreThoseOfTheStandard() {
    #expect(SHA256.prefix(of: []) == "e3b0c44298fc1c149afbf4c8996fb924")
    #expect(SHA256.prefix(of: Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223")
    let long = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
    #expect(SHA256.prefix(of: long) == "248d6a61d20638b8e5c026930c3e6039")
  }

  @Test func vectorFilesAreParsed() throws {
    let value = try VectorJSON(parsing: Array(#"{"a": [1, -2.5e3, null, true], "\u00e9\n": "\ud83d\ude42"}"#.utf8))
    #expect(value["a"]?.array == [.number(1), .number(-2500), .null, .bool(true)])
    #expect(value["é\n"]?.string == "🙂")
  }
}
