import Workflow
import YCRDT

/// All that a merge will do to a document, worked out before anything is done.
struct MergePlan {
  var metadata: [FieldWrite] = []
  var jobs: CollectionPlan<Job>
  var triggers: CollectionPlan<Trigger>
  var edges: CollectionPlan<Edge>
  /// The bodies of jobs that stay, by the job's id.
  var texts: [String: TextPlan] = [:]
  var positions: [FieldWrite] = []
  var conflicts: [Conflict] = []
  /// What rows and document will agree on; its texts as the document spells them.
  var content: WorkflowContent
  /// What the document will say that is wrong with it.
  var errors: ErrorMap

  /// A plan to do nothing, yet.
  init(_ live: LiveWorkflow, base: WorkflowContent?, database: WorkflowContent, content: WorkflowContent) {
    jobs = CollectionPlan(live: live.jobs, base: base?.jobs ?? [], database: database.jobs)
    triggers = CollectionPlan(live: live.triggers, base: base?.triggers ?? [], database: database.triggers)
    edges = CollectionPlan(live: live.edges, base: base?.edges ?? [], database: database.edges)
    self.content = content
    errors = ErrorMap(live.errors)
  }

  /// Whether there is nothing to do, neither to the document nor to the ids of the base.
  var isEmpty: Bool {
    metadata.isEmpty && jobs.isEmpty && triggers.isEmpty && edges.isEmpty && texts.isEmpty && positions.isEmpty
      && !errors.isChanged
  }
}

/// What happens to the text of one job, and which of its characters belong to the base from then on.
struct TextPlan {
  enum Edit {
    case none
    /// Changes to the base's text, carried out where its characters are now.
    case base([TextChange])
    /// Changes to the text as it is.
    case live([TextChange])
    /// There is no shared text yet: it becomes one, with this content.
    case replace(String)
  }

  enum BaseIDs {
    /// The base's characters, with the live ones that both sides `written`, without those that the database deleted
    /// (among them the `shared` stretches, which live deleted too), with those that it inserted. The stretches, like the
    /// changes, are of the base together with the characters in `anchors`.
    case merged(shared: [Range<Int>], written: IdSet, anchors: IdSet)
    /// All characters the text shows afterwards.
    case all
    /// None: its characters cannot be told from unsaved ones.
    case none
  }

  var edit: Edit
  var baseIDs: BaseIDs
}
