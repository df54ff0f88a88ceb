import Workflow

/// What the decision table says about one thing that has a base, a live and a database version, nil meaning absent.
enum Verdict: Equatable {
  /// Nothing to do: the database did not change it, or both sides came to the same.
  case keep
  /// Only the database changed it: the document follows (inserts, updates or deletes).
  case adopt
  /// Both changed it, differently.
  case conflict(Conflict.Kind)

  init<Value: Equatable>(base: Value?, live: Value?, database: Value?) {
    if database == base || database == live {
      self = .keep
    } else if live == base {
      self = .adopt
    } else if base == nil {
      self = .conflict(.addAdd)
    } else if live == nil {
      self = .conflict(.deleteEdit)
    } else if database == nil {
      self = .conflict(.editDelete)
    } else {
      self = .conflict(.editEdit)
    }
  }

  /// Without a base nobody knows who changed what: the document stands, nothing is deleted, and what only the database
  /// has comes in, because leaving it out would delete it with the next save.
  init<Value: Equatable>(unknownBaseLive live: Value?, database: Value?) {
    self = live == database ? .keep : .conflict(.noBase)
  }
}
