/// A small growing array inside a record of a `Slab`: plain memory without a reference count.
///
/// Whoever holds it frees it (`free()`), and copies it when a document is copied (`copied()`).
struct Vector<Element: BitwiseCopyable>: BitwiseCopyable {
  private var base: UnsafeMutablePointer<Element>?
  private var storedCount: UInt32
  private var storedCapacity: UInt32

  init() {
    base = nil
    storedCount = 0
    storedCapacity = 0
  }

  @inline(__always) var count: Int { Int(storedCount) }
  @inline(__always) var isEmpty: Bool { storedCount == 0 }
  var capacity: Int { Int(storedCapacity) }

  /// The elements in place. Valid until the vector is changed.
  @inline(__always) var buffer: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }

  /// An element in place. Valid until the vector grows.
  @inline(__always) func pointer(_ index: Int) -> UnsafeMutablePointer<Element> {
    assert(index >= 0 && index < count, "vector index out of bounds")
    return base.unsafelyUnwrapped + index
  }

  subscript(_ index: Int) -> Element {
    @inline(__always) get {
      assert(index >= 0 && index < count, "vector index out of bounds")
      return base.unsafelyUnwrapped[index]
    }
    @inline(__always) nonmutating _modify {
      assert(index >= 0 && index < count, "vector index out of bounds")
      yield &base.unsafelyUnwrapped[index]
    }
  }

  @inline(__always) mutating func append(_ element: Element) {
    if storedCount == storedCapacity { reserve(count + 1) }
    (base.unsafelyUnwrapped + count).initialize(to: element)
    storedCount &+= 1
  }

  mutating func insert(_ element: Element, at index: Int) {
    assert(index <= count)
    reserve(count + 1)
    let start = base.unsafelyUnwrapped + index
    (start + 1).update(from: start, count: count - index)
    start.initialize(to: element)
    storedCount += 1
  }

  mutating func removeSubrange(_ range: Range<Int>) {
    assert(range.lowerBound >= 0 && range.upperBound <= count)
    guard let base, !range.isEmpty else { return }
    (base + range.lowerBound).update(from: base + range.upperBound, count: count - range.upperBound)
    storedCount -= UInt32(range.count)
  }

  mutating func truncate(to newCount: Int) {
    assert(newCount <= count)
    storedCount = UInt32(newCount)
  }

  /// Appends `source[range]`.
  mutating func append(contentsOf source: Vector<Element>, in range: Range<Int>) {
    guard let from = source.base, !range.isEmpty else { return }
    assert(range.upperBound <= source.count)
    reserve(count + range.count)
    (base.unsafelyUnwrapped + count).initialize(from: from + range.lowerBound, count: range.count)
    storedCount += UInt32(range.count)
  }

  mutating func append(contentsOf source: UnsafeBufferPointer<Element>) {
    guard let from = source.baseAddress, !source.isEmpty else { return }
    reserve(count + source.count)
    (base.unsafelyUnwrapped + count).initialize(from: from, count: source.count)
    storedCount += UInt32(source.count)
  }

  func sort(by areInIncreasingOrder: (Element, Element) -> Bool) {
    var slice = UnsafeMutableBufferPointer(start: base, count: count)
    slice.sort(by: areInIncreasingOrder)
  }

  func copied() -> Vector<Element> {
    var copy = Vector<Element>()
    copy.append(contentsOf: self, in: 0..<count)
    return copy
  }

  mutating func free() {
    base?.deallocate()
    self = Vector<Element>()
  }

  /// Makes room for `needed` elements in all.
  @inline(never) mutating func reserve(_ needed: Int) {
    guard needed > capacity else { return }
    let newCapacity = Swift.max(needed, capacity * 2, 4)
    let grown = UnsafeMutablePointer<Element>.allocate(capacity: newCapacity)
    if let base {
      grown.moveInitialize(from: base, count: count)
      base.deallocate()
    }
    base = grown
    storedCapacity = UInt32(newCapacity)
  }
}
