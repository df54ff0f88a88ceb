/// Why a local edit or a question was refused. Nothing was changed.
public enum YError: Error, Hashable, Sendable {
  /// Writes happen inside `Doc.transact` only, and inside that of the document which is written.
  case noTransaction
  /// What makes a transaction of its own cannot be done inside another.
  case insideTransaction
  /// An index or range does not lie within the type; `count` is its length.
  case outOfBounds(index: Int, count: Int)
  /// A text index lies between the two halves of a surrogate pair; see ``SurrogatePairs``.
  case insideSurrogatePair(index: Int)
  /// The type was deleted from its document.
  case typeDeleted
  /// The type given belongs to another document.
  case otherDocument
  /// The type given is not a child of the one it was looked for in.
  case notAChild
  /// A value is nested deeper than ``DocLimits/valueDepth``.
  case nestedTooDeep
  /// The kind of value cannot be stored there: Yjs arrays take neither `undefined` nor big integers at their top level,
  /// and embeds and formats are JSON.
  case unsupportedValue
  /// A JavaScript number cannot hold this integer exactly. `YValue.bigInt` can.
  case inexactInteger(Int64)
  /// The named limit of ``DocLimits`` would be exceeded.
  case limit(String)
  /// The document's client id is above 2^53 - 1, or no clocks are left under it.
  case unusableClientID(ClientID)
  /// The ids of a base name fewer characters of this text than an offset needs.
  case baseMismatch(offset: Int, count: Int)
}

extension YError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noTransaction: "written outside a transaction of its document"
    case .insideTransaction: "done inside a transaction"
    case .outOfBounds(let index, let count): "index \(index) is out of bounds of a type of length \(count)"
    case .insideSurrogatePair(let index): "index \(index) lies inside a surrogate pair"
    case .typeDeleted: "the shared type was deleted"
    case .otherDocument: "the shared type belongs to another document"
    case .notAChild: "the shared type is not a child of this one"
    case .nestedTooDeep: "a value is nested too deep"
    case .unsupportedValue: "a value of this kind cannot be stored here"
    case .inexactInteger(let value): "\(value) does not fit into a JavaScript number exactly"
    case .limit(let name): "the limit \(name) would be exceeded"
    case .unusableClientID(let client): "nothing more can be written as client \(client)"
    case .baseMismatch(let offset, let count): "offset \(offset) lies beyond the \(count) characters of the base"
    }
  }
}
