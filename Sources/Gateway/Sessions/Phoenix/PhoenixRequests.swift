import Workflow

/// What clients can ask for in a topic, by the event's name.
enum PhoenixRequests {
  static func carryOut(_ request: PhoenixRequest) {
    switch request.message.event {
    // The document.
    case "save_workflow": PhoenixSaving.save(request)
    case "save_and_sync": PhoenixSaving.saveAndSync(request)
    case "reset_workflow": PhoenixSaving.reset(request)
    case "restore_version": PhoenixSaving.restore(request)
    case "request_versions": PhoenixLookups.versions(request)
    case "validate_workflow_name": PhoenixLookups.freeName(request)
    case PhoenixChannel.ownPrefix + "request_conflicts": PhoenixConflicts.list(request)
    case PhoenixChannel.ownPrefix + "resolve_conflict": PhoenixConflicts.resolve(request)
    // What is around it.
    case "get_context": PhoenixContext.answer(request)
    case "request_current_user": PhoenixContext.currentUser(request)
    case "get_limits": PhoenixLookups.limit(request)
    case "request_credentials": PhoenixLookups.credentials(request)
    case "request_project_adaptors": PhoenixLookups.projectAdaptors(request)
    // Notices.
    case "start_applying_workflow": PhoenixNotices.tell("workflow_applying", request, names: true)
    case "done_applying_workflow": PhoenixNotices.tell("workflow_applied", request, names: false)
    case "start_applying_job_code": PhoenixNotices.tell("job_code_applying", request, names: true)
    case "done_applying_job_code": PhoenixNotices.tell("job_code_applied", request, names: false)
    // What Heddle has nothing of.
    default: PhoenixAbsences.answer(request)
    }
  }
}
