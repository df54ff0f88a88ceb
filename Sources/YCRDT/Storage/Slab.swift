/// A growing block of plain records, addressed by index: the storage of everything there are many of in a document.
///
/// Elements are bitwise copyable, so growing, copying a document and freeing it are single memory operations. Indexes
/// are checked in debug builds only; they always come from the engine, never from input.
struct Slab<Element: BitwiseCopyable>: ~Copyable {
  private var base: UnsafeMutablePointer<Element>
  private(set) var count: Int
  private(set) var capacity: Int

  init(minimumCapacity: Int = 0) {
    capacity = minimumCapacity
    base = Self.allocate(minimumCapacity)
    count = 0
  }

  /// Records of whole cache lines start at the start of one.
  private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Element> {
    let stride = MemoryLayout<Element>.stride
    let alignment = stride.isMultiple(of: 64) && capacity > 0 ? 64 : MemoryLayout<Element>.alignment
    return UnsafeMutableRawPointer.allocate(byteCount: capacity * stride, alignment: alignment)
      .bindMemory(to: Element.self, capacity: capacity)
  }

  /// A copy with the same elements at the same indexes.
  init(copying other: borrowing Slab<Element>) {
    self.init(minimumCapacity: other.count)
    base.initialize(from: other.base, count: other.count)
    count = other.count
  }

  deinit {
    base.deallocate()
  }

  subscript(_ index: UInt32) -> Element {
    @inline(__always) get {
      assert(Int(index) < count, "slab index out of bounds")
      return base[Int(index)]
    }
    @inline(__always) _modify {
      assert(Int(index) < count, "slab index out of bounds")
      yield &base[Int(index)]
    }
  }

  /// The record in place, for those who only look. Valid until the slab is changed.
  @inline(__always) func pointer(_ index: UInt32) -> UnsafePointer<Element> {
    assert(Int(index) < count, "slab index out of bounds")
    return UnsafePointer(base + Int(index))
  }

  /// All records in place, for those who only look. Valid until the slab is changed.
  @inline(__always) func pointer() -> UnsafePointer<Element> { UnsafePointer(base) }

  /// The record in place, for the one who fills it. Valid until the slab is changed.
  @inline(__always) mutating func mutablePointer(_ index: UInt32) -> UnsafeMutablePointer<Element> {
    assert(Int(index) < count, "slab index out of bounds")
    return base + Int(index)
  }

  /// Makes room for `extra` more elements at once.
  mutating func reserve(_ extra: Int) {
    if count + extra > capacity { grow(to: count + extra) }
  }

  /// Appends and returns the new element's index.
  @inline(__always) @discardableResult mutating func append(_ element: Element) -> UInt32 {
    if count == capacity { grow(to: count + 1) }
    (base + count).initialize(to: element)
    count &+= 1
    return UInt32(truncatingIfNeeded: count &- 1)
  }

  mutating func removeAll(keepingCapacityUpTo limit: Int) {
    count = 0
    guard capacity > limit else { return }
    base.deallocate()
    base = Self.allocate(0)
    capacity = 0
  }

  /// Takes the memory of records of the same size, to become records of this kind one by one: until then their bytes
  /// are those of the others. The slab must be empty.
  mutating func takeMemory<Other>(of other: inout Slab<Other>) {
    precondition(count == 0 && MemoryLayout<Other>.stride == MemoryLayout<Element>.stride)
    let taken = Slab<Element>(
      base: UnsafeMutableRawPointer(other.base).bindMemory(to: Element.self, capacity: other.capacity),
      count: other.count, capacity: other.capacity)
    other.base = Slab<Other>.allocate(0)
    other.count = 0
    other.capacity = 0
    self = taken
  }

  private init(base: UnsafeMutablePointer<Element>, count: Int, capacity: Int) {
    self.base = base
    self.count = count
    self.capacity = capacity
  }

  /// A record as it was before `takeMemory`.
  @inline(__always) func taken<Other: BitwiseCopyable>(_ index: UInt32, as type: Other.Type) -> Other {
    assert(Int(index) < count, "slab index out of bounds")
    return UnsafeRawPointer(base + Int(index)).loadUnaligned(as: type)
  }

  mutating func removeLast(_ n: Int) {
    assert(n <= count)
    count -= n
  }

  mutating func sort(from start: Int = 0, by areInIncreasingOrder: (Element, Element) -> Bool) {
    var slice = UnsafeMutableBufferPointer(start: base + start, count: count - start)
    slice.sort(by: areInIncreasingOrder)
  }

  /// A few, and of large records fewer: most documents are small, and there are many of them.
  private static var firstCapacity: Int { Swift.min(8, Swift.max(1, 512 / Swift.max(1, MemoryLayout<Element>.stride))) }

  @inline(never) private mutating func grow(to needed: Int) {
    let newCapacity = Swift.max(needed, capacity + capacity / 2, Self.firstCapacity)
    let grown = Self.allocate(newCapacity)
    grown.moveInitialize(from: base, count: count)
    base.deallocate()
    base = grown
    capacity = newCapacity
  }
}
