import TestSupport
import Testing

@testable import YProtocol

@Suite struct ByteReaderTests {
  @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 1 << 31, 1 << 32, ByteReader.maximumInteger] as [UInt64])
  func unsignedIntegersSurvive(value: UInt64) throws {
    var writer = ByteWriter()
    writer.write(varUInt: value)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.readVarUInt() == value)
    #expect(reader.isAtEnd)
  }

  @Test(arguments: [(0, false), (0, true), (63, true), (64, false), (1 << 40, true)] as [(UInt64, Bool)])
  func signedIntegersKeepTheirSignEvenAtZero(magnitude: UInt64, isNegative: Bool) throws {
    var writer = ByteWriter()
    writer.write(varIntMagnitude: magnitude, isNegative: isNegative)
    var reader = ByteReader(writer.bytes)
    let read = try reader.readVarInt()
    #expect(read.magnitude == magnitude && read.isNegative == isNegative)
    #expect(reader.isAtEnd)
  }

  @Test func longerSpellingsOfAnIntegerAreRead() throws {
    var reader = ByteReader([0x85, 0x80, 0x80, 0x00])
    #expect(try reader.readVarUInt() == 5)
  }

  @Test func integersAbove53BitsAreRefused() {
    let twoToThe53: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]
    var reader = ByteReader(twoToThe53)
    #expect(throws: ByteDecodingError(.integerTooLarge, at: 0)) { try reader.readVarUInt() }
    var endless = ByteReader([UInt8](repeating: 0xFF, count: 40))
    #expect(throws: ByteDecodingError(.integerTooLarge, at: 0)) { try endless.readVarUInt() }
    var unfinished = ByteReader([0x80, 0x80])
    #expect(throws: ByteDecodingError(.endOfInput, at: 0)) { try unfinished.readVarUInt() }
  }

  @Test func lengthsAreCheckedBeforeAnythingIsAllocated() {
    var writer = ByteWriter()
    writer.write(varUInt: ByteReader.maximumInteger)
    var bytes = ByteReader(writer.bytes)
    #expect(throws: ByteDecodingError(.endOfInput, at: 0)) { try bytes.readVarBytes() }
    var pairs = ByteReader([3, 0, 0, 0, 0, 0])
    #expect(throws: ByteDecodingError(.endOfInput, at: 0)) { try pairs.readCount(ofBytes: 2) }
  }

  @Test func stringsAreStrictUTF8AndKeepTheirByteOrderMark() throws {
    var overlong = ByteReader([2, 0xC0, 0x80])
    #expect(throws: ByteDecodingError(.invalidUTF8, at: 0)) { try overlong.readVarString() }
    var surrogate = ByteReader([3, 0xED, 0xA0, 0x80])
    #expect(throws: ByteDecodingError(.invalidUTF8, at: 0)) { try surrogate.readVarString() }
    var marked = ByteReader([4, 0xEF, 0xBB, 0xBF, 0x61])
    #expect(try marked.readVarString() == "\u{FEFF}a")
  }

  @Test func floatsAndWideIntegersAreBigEndian() throws {
    var writer = ByteWriter()
    writer.write(float32: 1.5)
    writer.write(float64: -0.1)
    writer.write(int64: -2)
    #expect(writer.bytes.prefix(4) == [0x3F, 0xC0, 0, 0])
    #expect(writer.bytes.suffix(2) == [0xFF, 0xFE])
    var reader = ByteReader(writer.bytes)
    #expect(try reader.readFloat32() == 1.5)
    #expect(try reader.readFloat64() == -0.1)
    #expect(try reader.readInt64() == -2)
  }
}
