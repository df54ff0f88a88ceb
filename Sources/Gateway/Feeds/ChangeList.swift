import Storage
import Workflow
import YCRDT

/// Where somebody is in what is told of a document.
enum FeedPosition: Hashable, Sendable {
  case version(DocumentVersion)
  /// What is behind an entry of the log, whichever history that is of.
  case sequence(Int64)

  var sequence: Int64 {
    switch self {
    case .version(let version): version.sequence
    case .sequence(let sequence): sequence
    }
  }
}

/// What has changed in a document behind a position: one entry for what one author, or the same ones, stored in a row.
struct ChangeList: Sendable {
  struct Entry: Sendable {
    var version: DocumentVersion
    var json: JSONValue
  }

  var entries: [Entry] = []
  /// Up to where this tells.
  var end: DocumentVersion
  /// Whether the log holds more.
  var hasMore: Bool

  /// Nothing is told beyond this many bytes, about; the rest comes next.
  private static let maximumBytes = 1 << 20

  /// Reads a section of the log. Throws where it does not begin with what the position says, or cannot be read.
  init(_ section: LogSection, from position: FeedPosition) throws {
    let doc = try section.document(at: position)
    var (content, isLast) = (try WorkflowDocument.extract(doc), section.entries.isEmpty)
    end = section.version(position.sequence, content)
    var (index, bytes) = (0, 0)
    while index < section.entries.count, bytes < Self.maximumBytes {
      let authors = section.entries[index].distinctAuthors
      var last = section.entries[index]
      while index < section.entries.count, section.entries[index].distinctAuthors == authors {
        last = section.entries[index]
        for update in last.updates { try doc.apply(update) }
        index += 1
      }
      let next = try WorkflowDocument.extract(doc)
      end = section.version(last.sequence, next)
      let changes = content.changes(to: next)
      content = next
      guard !changes.isEmpty else { continue }
      let json = Self.json(end, authors, last.recordedAt, changes)
      bytes += json.serialized().count
      entries.append(Entry(version: end, json: json))
    }
    isLast = index == section.entries.count
    hasMore = !isLast || end.sequence < section.lastSequence
  }

  private static func json(
    _ version: DocumentVersion, _ authors: [LogAuthor?], _ time: String, _ changes: [ContentChange]
  ) -> JSONValue {
    [
      "sequence": .number(Double(version.sequence)), "etag": .string(version.tag), "at": .string(time),
      "by": .array(authors.map { $0?.provenance.shownJSON ?? .null }), "changes": .array(changes.map(\.comparison)),
    ]
  }
}

extension LogSection {
  /// The document at a position of a feed.
  fileprivate func document(at position: FeedPosition) throws -> Doc {
    if case .version(let version) = position { return try document(as: version) }
    guard let start else { throw PreconditionFailure("entry \(position.sequence) of the log is not kept") }
    let doc = Doc()
    for update in start { try doc.apply(update) }
    return doc
  }

  fileprivate func version(_ sequence: Int64, _ content: WorkflowContent) -> DocumentVersion {
    DocumentVersion(
      incarnation: incarnation, sequence: sequence, content: content,
      revision: sequence == lastSequence ? baseRevision : nil)
  }
}

extension LogSection.Entry {
  /// Who wrote it, each once.
  fileprivate var distinctAuthors: [LogAuthor?] {
    var distinct: [LogAuthor?] = []
    for author in authors where !distinct.contains(author) { distinct.append(author) }
    return distinct
  }
}

extension ContentChange {
  /// The change with both values and what kind it is.
  var comparison: JSONValue {
    var members = json.object ?? [:]
    members["kind"] = .string(kind.rawValue)
    return .object(members)
  }
}

extension Provenance {
  fileprivate var shownJSON: JSONValue {
    ["source": .string(source.rawValue), "actor": actor.json, "commit": JSONValue(commit)]
  }
}
