import Rooms
import Workflow

/// `/api/workflows/<id>/record`: what the room of a workflow did in its last minutes.
enum RecordRoutes {
  /// Of the open room, or else of the last one. Texts and values are replaced unless `content=1` asks for them.
  static func read(_ call: Call) {
    guard let id = call.identifier("workflow") else { return }
    let name = DocumentName(workflowID: id)
    guard let kept = call.gateway.directory.record(of: name) else {
      return call.respond(
        ErrorBody.response(404, "nothing is recorded of \(name): it is not open here, and was not lately"))
    }
    guard call.request.queryValue("content") == "1" else { return answer(kept, name, withContent: false, call) }
    // Who runs the server need not be one of those who may read what is in it.
    let (loop, target) = (call.gateway.loop, Confined(call))
    call.clearance.decide(.read, [.workflow(id)]) { decision in
      loop.execute {
        switch decision {
        case .allowed: answer(kept, name, withContent: true, target.value)
        case .refused(let refusal): target.value.respond(refusal.response)
        }
      }
    }
  }

  private static func answer(_ kept: KeptRecord, _ name: DocumentName, withContent: Bool, _ call: Call) {
    let (respond, logger) = (call.respondLater, call.gateway.logger)
    if withContent {
      logger.notice(
        "a record was taken out with its content",
        metadata: ["document": "\(name)", "actor": "\(call.actor.name ?? call.actor.type)"])
    }
    call.gateway.loop.allow(call.exchange, call.gateway.configuration.recordTimeout)
    call.gateway.recordWorker.async {
      do {
        let record = try checked(kept.record)
        if let difference = record.header.difference {
          logger.error(
            "a replay of a record does not come to the same", metadata: ["document": "\(name)", "at": "\(difference)"])
        }
        let shown = withContent ? record : try record.redacted(key: .random(in: 0 ... .max))
        respond(response(try shown.lines(), name))
      } catch {
        respond(ErrorBody.response(500, "\(error)"))
      }
    }
  }

  /// With what a replay of it says.
  private static func checked(_ record: RoomRecord) throws(RecordError) -> RoomRecord {
    var record = record
    guard record.keyframe != nil else { return record }
    var replay = try RecordReplay(record)
    replay.run()
    record.header.difference = replay.difference.map(String.init(describing:))
    return record
  }

  private static func response(_ lines: String, _ name: DocumentName) -> HTTPResponse {
    HTTPResponse(
      status: 200,
      headers: [
        (name: "content-type", value: "application/jsonl"), (name: "cache-control", value: "no-store"),
        (name: "content-disposition", value: "attachment; filename=\"\(name.workflowID).record.jsonl\""),
      ],
      body: Array(lines.utf8))
  }
}
