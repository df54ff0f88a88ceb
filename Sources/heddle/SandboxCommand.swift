import ArgumentParser
import Gateway
import Provisioning
import Storage
import Workflow

/// `heddle sandbox`.
struct SandboxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox", abstract: "Copy projects to try things in, and merge them back.",
    discussion: """
      A sandbox is a project of its own, with its triggers off. What is changed in it comes back workflow by workflow, \
      by name; where both have changed the same, the sandbox's value stands and the other one is in a conflict.
      """,
    subcommands: [Create.self, List.self, Merge.self])

  /// `heddle sandbox create`.
  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Copy a project as it is saved.")

    @OptionGroup var options: PeopleOptions

    @Argument(help: "What the sandbox is called: lower-case letters, digits and hyphens.")
    var name: String

    @Option(help: "The project that is copied: its id or name.")
    var project: String

    func run() throws {
      try options.run { store in
        if let problem = ProjectName.problem(with: name) {
          throw ProjectFileError(description: "the name '\(name)' \(problem)")
        }
        let project = try People.project(project, store)
        let actor = Actor(type: "cli")
        guard let sandbox = try store.wait({ store.copyAsSandbox(project.id, name: name, actor: actor, $0) }),
          let record = try store.wait({ store.listSandboxes(of: project.id, $0) }).first(where: { $0.id == sandbox.id })
        else { throw ProjectFileError(description: "'\(project.name)' is gone") }
        options.show(record, "'\(name)' (\(sandbox.id)) is a sandbox of '\(project.name)' now")
      }
    }
  }

  /// `heddle sandbox list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the sandboxes of a project.")

    @OptionGroup var options: PeopleOptions

    @Option(help: "The project: its id or name.")
    var project: String

    func run() throws {
      try options.run { store in
        let project = try People.project(project, store)
        options.show(
          try store.wait { store.listSandboxes(of: project.id, $0) }, empty: "'\(project.name)' has no sandboxes")
      }
    }
  }

  /// `heddle sandbox merge`.
  struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Merge a sandbox into the project that it is a copy of.",
      discussion: "A running server merges what changes into the documents, unsaved edits stay.")

    @OptionGroup var options: PeopleOptions
    @OptionGroup(title: "Conflicts") var winners: PolicyOptions

    @Argument(help: "The sandbox: its id or name.")
    var sandbox: String

    @Option(help: "Merge only this workflow of the sandbox: its name. Can be given several times.")
    var workflow: [String] = []

    @Option(help: "Delete this workflow of the project: its name. Can be given several times.")
    var delete: [String] = []

    @Flag(help: "Say what would happen, and write nothing.")
    var plan = false

    func run() throws {
      try options.run { store in
        let sandbox = try People.project(sandbox, store)
        guard let source = try store.wait({ store.readProject(sandbox.id, $0) }), let parent = source.parentID,
          let target = try store.wait({ store.readProject(parent, $0) })
        else { throw ProjectFileError(description: "'\(sandbox.name)' is no sandbox of a project that is there") }
        var request = SandboxMergeRequest(sourceID: sandbox.id, targetID: parent)
        if !workflow.isEmpty { request.workflowIDs = try Self.ids(workflow, in: source) }
        request.deletedWorkflowIDs = try Self.ids(delete, in: target)
        do {
          try merge(request, target, store)
        } catch let error as SandboxError {
          throw ProjectFileError(description: "nothing was merged: \(error.json.text)")
        } catch let error as ValidationErrors {
          throw ProjectFileError(description: "the database refused it, nothing was merged: \(error.json.text)")
        }
      }
    }

    private func merge(_ request: SandboxMergeRequest, _ target: ProjectContent, _ store: Store) throws {
      let actor = Actor(type: "cli")
      if plan {
        let made = try store.wait { store.planMerge(request, policy: winners.policy, actor: actor, $0) }
        guard let made else { throw ProjectFileError(description: "'\(target.name)' is gone") }
        return announce(options.json ? made.json.text : made.report)
      }
      let update = try store.wait { store.merge(request, policy: winners.policy, actor: actor, $0) }
      guard let update else { throw ProjectFileError(description: "'\(target.name)' is gone") }
      announce(options.json ? update.merged.text : update.report)
    }

    /// The ids of the workflows with these names.
    private static func ids(_ names: [String], in project: ProjectContent) throws -> Set<String> {
      let live = project.workflows.filter { $0.deletedAt == nil }.map(\.content)
      return Set(
        try names.map { name in
          guard let workflow = live.first(where: { $0.name == name }) else {
            throw ProjectFileError(
              description: "'\(project.name)' has no workflow '\(name)'\(NearNames.of(name, in: live.map(\.name)))")
          }
          return workflow.id
        })
    }
  }
}

extension SandboxSummary: ShownRecord {
  var columns: [String] { [name, "\(workflowCount) workflows", insertedAt, id] }
}

extension SandboxMergePlan {
  /// Some lines for people.
  fileprivate var report: String {
    let names = Dictionary(plan.workflows.map { ($0.id, $0.name) }) { first, _ in first }
    let lines = conflicts.sorted { $0.key < $1.key }.flatMap { id, conflicts in
      conflicts.map { conflict in
        "both sides changed \(conflict.unit.joined(separator: "/")) of '\(names[id] ?? id)': \(conflict.kind.rawValue)"
      }
    }
    return ([PlanReport(plan).text] + lines).joined(separator: "\n")
  }
}

extension ProjectUpdate {
  /// Some lines for people.
  fileprivate var report: String {
    let touched = Set(changedWorkflowIDs).union(conflicts.keys)
    let lines = project.workflows.filter { touched.contains($0.content.id) }.map { workflow in
      let count = conflicts[workflow.content.id]?.count ?? 0
      let rest = count == 0 ? "" : ", \(count) \(count == 1 ? "conflict" : "conflicts") to decide"
      return "'\(workflow.content.name)' is version \(workflow.lockVersion) now\(rest)"
    }
    return lines.isEmpty ? "nothing changes" : lines.joined(separator: "\n")
  }
}
