/// Which jobs have files for their bodies, and where.
struct BodyFiles {
  /// By the keys of workflow and job: the path inside the tree.
  private var paths: [ProjectFile.BodyPlace: String] = [:]
  private let folder: String

  /// No job has one.
  static let none = BodyFiles()

  private init() {
    folder = ""
  }

  /// What a layout says: jobs keep the files that they have, and others get one if there is a folder for them.
  init(_ project: ProjectSpecification, _ layout: ProjectLayout) {
    folder = TreePath.folder(of: layout.specPath)
    var taken = Set([layout.specPath, layout.statePath ?? ""].map { $0.lowercased() })
    for workflow in project.workflows {
      for job in workflow.jobs {
        let place = ProjectFile.BodyPlace(workflow: workflow.key, job: job.key)
        guard let path = layout.bodyFiles[place].flatMap({ TreePath.normalized($0) }) else { continue }
        if taken.insert(path.lowercased()).inserted { paths[place] = path }
      }
    }
    guard let bodyFolder = layout.bodyFolder else { return }
    for workflow in project.workflows {
      for job in workflow.jobs {
        let place = ProjectFile.BodyPlace(workflow: workflow.key, job: job.key)
        if paths[place] == nil { paths[place] = path(place, in: bodyFolder, &taken) }
      }
    }
  }

  /// A path that every file system takes, and that no other file has, not even in another case.
  private func path(_ place: ProjectFile.BodyPlace, in bodyFolder: String, _ taken: inout Set<String>) -> String? {
    let stem = "\(bodyFolder)/\(Self.part(place.workflow))/\(Self.part(place.job))"
    var number = 1
    while true {
      let name = number == 1 ? "\(stem).js" : "\(stem)-\(number).js"
      guard let path = TreePath.normalized(name, in: folder) else { return nil }
      if taken.insert(path.lowercased()).inserted { return path }
      number += 1
    }
  }

  private static func part(_ key: String) -> String {
    let slug = NaturalKey.slug(key)
    // A letter may take several bytes.
    var part = String(slug.prefix(80))
    while part.utf8.count > 120 { part.removeLast() }
    return part.isEmpty ? "unnamed" : part
  }

  /// What stands in the project file for the body of a job.
  func value(_ job: JobSpecification, _ workflow: String) -> YAMLValue {
    guard let path = paths[ProjectFile.BodyPlace(workflow: workflow, job: job.key)] else { return .text(job.body) }
    return .map([("path", .text(Self.relative(path, to: folder)))])
  }

  /// The files with bodies: by path what is in each.
  func contents(of project: ProjectSpecification) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for workflow in project.workflows {
      for job in workflow.jobs {
        guard let path = paths[ProjectFile.BodyPlace(workflow: workflow.key, job: job.key)] else { continue }
        files[path] = Array(job.body.utf8)
      }
    }
    return files
  }

  /// A path inside the tree as it is seen from a folder of it.
  private static func relative(_ path: String, to folder: String) -> String {
    let (parts, base) = (TreePath.parts(of: path), TreePath.parts(of: folder))
    let common = zip(parts.dropLast(), base).prefix { $0 == $1 }.count
    let up = Array(repeating: "..", count: base.count - common)
    return (up.isEmpty ? "./" : "") + (up + parts.dropFirst(common).map(String.init)).joined(separator: "/")
  }
}
