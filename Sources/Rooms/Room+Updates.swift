import Workflow
import YCRDT
import YProtocol

extension Room {
  struct PendingAppend: Codable {
    let index: Int
    let bytes: Int
  }

  struct Acknowledgement: Codable {
    let member: MemberID
    let payload: [UInt8]
    let index: Int
  }

  /// Applies a member's edit, passes it on and has it stored. An edit that cannot be applied changes nothing.
  mutating func receivedUpdate(_ update: [UInt8], from id: MemberID, _ member: Member) {
    guard !member.isReadOnly else { return refuseEdit(of: id, member) }
    guard !member.isTurnedDown else { return }
    guard pendingBytes <= configuration.maximumPendingBytes else {
      return dismiss(id, .tryAgainLater("the store is away and too many edits wait for it"))
    }
    let hadPending = doc.hasPending
    let pendingBefore = doc.pendingBytes
    // What is stored is not measured by what members may send.
    doc.limits = memberLimits
    defer { doc.limits = DocLimits() }
    do {
      wholeState = nil
      let event = try doc.apply(update)
      if let event {
        statistics.updates += 1
        statistics.updateBytes += event.update.count
        mayHavePointlessConflicts = true
        // An edit that completes one that came too early carries both: then the sender may lack the other.
        effects.append(.broadcast(.update(event.update), except: hadPending ? nil : id))
        // What is left over of an edit that came too early would be lost if only the news were stored.
        append(hadPending || doc.hasPending ? update : event.update, by: author(of: id))
      } else if doc.pendingBytes != pendingBefore {
        append(update, by: author(of: id))
      }
      // Also where it is no news: it may be what the member sent over an earlier connection, and still uncommitted.
      members[id]?.lastAppendIndex = lastAppendIndex
    } catch  where error.isAboutTheDocument {
      turnDown(id, because: error.limit)
    } catch {
      statistics.rejectedUpdates += 1
      dismiss(id, .rejected("the update cannot be applied: \(error)"))
    }
  }

  private mutating func refuseEdit(of id: MemberID, _ member: Member) {
    guard !member.wasToldReadOnly else { return }
    members[id]?.wasToldReadOnly = true
    effects.append(.send(id, .permissionDenied(reason: readOnlyReason)))
  }

  /// What readers are told.
  var readOnlyReason: String {
    name.version == nil ? "you may read this document and not change it" : "this document is read-only"
  }

  mutating func append(_ update: [UInt8], by author: Actor) {
    lastAppendIndex += 1
    pendingBytes += update.count
    pendingAppends.append(PendingAppend(index: lastAppendIndex, bytes: update.count))
    effects.append(.append(update, index: lastAppendIndex, by: author))
    updatesSinceCheckpoint += 1
    bytesSinceCheckpoint += update.count
  }

  /// Whether edits wait to be committed.
  var hasPendingAppends: Bool { committedAppendIndex < lastAppendIndex }

  mutating func appended(through index: Int, sequence: Int64) {
    guard index > committedAppendIndex else { return }
    committedAppendIndex = index
    while pendingAppendsStart < pendingAppends.count, pendingAppends[pendingAppendsStart].index <= index {
      pendingBytes -= pendingAppends[pendingAppendsStart].bytes
      pendingAppendsStart += 1
    }
    if pendingAppendsStart == pendingAppends.count {
      pendingAppends.removeAll(keepingCapacity: true)
      pendingAppendsStart = 0
    }
    heard(of: sequence)
    sendAcknowledgements()
    checkpointIfDue()
    advance()
    endIfRestored()
  }

  /// The live document holds an edit that will not be stored. It was never acknowledged, and whoever made it still has
  /// it: with everybody's next connection, in a new room, the edit comes again.
  mutating func appendRefused(_ why: String) {
    abandon(.unreadable("an edit of \(name) cannot be stored: \(why)"))
  }

  mutating func acknowledge(_ payload: [UInt8], to id: MemberID, _ member: Member) {
    // What a reader wrote is nowhere.
    guard !member.wasToldReadOnly, !member.isTurnedDown else { return }
    guard member.lastAppendIndex > committedAppendIndex else { return confirm(payload, to: id) }
    let bytes = (waitingAcknowledgements.count + 1) * Message.maximumSyncStatusBytes
    guard pendingBytes + bytes <= configuration.maximumPendingBytes else {
      return dismiss(id, .tryAgainLater("the store is away and too many questions for what is stored wait for it"))
    }
    waitingAcknowledgements.append(Acknowledgement(member: id, payload: payload, index: member.lastAppendIndex))
  }

  private mutating func sendAcknowledgements() {
    guard !waitingAcknowledgements.isEmpty else { return }
    var rest: [Acknowledgement] = []
    for waiting in waitingAcknowledgements {
      if waiting.index <= committedAppendIndex {
        confirm(waiting.payload, to: waiting.member)
      } else {
        rest.append(waiting)
      }
    }
    waitingAcknowledgements = rest
  }

  private mutating func confirm(_ payload: [UInt8], to id: MemberID) {
    if members[id]?.lag == nil {
      effects.append(.send(id, .syncStatus(payload)))
    } else {
      members[id]?.lag?.acknowledgement = payload
    }
  }
}
