/// What there is to say of a workflow as a whole that each of its parts may be right without.
public struct WorkflowFindings: Hashable, Sendable {
  /// What makes no sense, whatever the workflow is for.
  public var errors = ValidationErrors()
  /// What is probably not meant.
  public var warnings = ValidationErrors()
}

extension WorkflowContent {
  /// Looks at the workflow as a whole: whether its runs can end, whether there is a way from its triggers to all of its jobs,
  /// whether its schedules ever fire. What `validate()` finds is not repeated. O(size of the workflow).
  ///
  /// Whether a trigger is on says nothing here: one that is off is still how the workflow is meant to begin.
  public var findings: WorkflowFindings {
    var findings = WorkflowFindings()
    let paths = WorkflowPaths(self)
    findUnfinished(&findings)
    for edge in paths.endlessEdges {
      findings.errors.add(
        .edges, edge, "condition_type", "is 'always' on a cycle of edges that are all taken always: it never ends")
    }
    for job in paths.trappingJobs {
      findings.warnings.add(
        .jobs, job, ValidationErrors.base, "is on a cycle that goes on whether its jobs succeed or fail: it never ends")
    }
    findUnreached(paths, &findings)
    return findings
  }

  private func findUnfinished(_ findings: inout WorkflowFindings) {
    for edge in edges where edge.targetJobID == nil {
      findings.errors.add(.edges, edge.id, "target_job_id", "can't be blank")
    }
    for trigger in triggers where trigger.type == "cron" {
      guard let text = trigger.cronExpression, CronExpression(text)?.fires == false else { continue }
      findings.errors.add(
        .triggers, trigger.id, "cron_expression", "never fires: there is no such day in any of its months")
    }
  }

  private func findUnreached(_ paths: WorkflowPaths, _ findings: inout WorkflowFindings) {
    if triggers.isEmpty, !jobs.isEmpty {
      return findings.warnings.add(ValidationErrors.base, "has no trigger: nothing starts it")
    }
    for job in paths.unreachedJobs {
      let message =
        paths.cyclicJobs.contains(job)
        ? "is on a cycle that no enabled path from a trigger leads into" : "no enabled path from a trigger leads here"
      findings.warnings.add(.jobs, job, ValidationErrors.base, message)
    }
  }
}
