extension ProjectSpecification {
  /// What of the project a format cannot hold. Nothing is left out in silence.
  func problems(as format: ProjectFormat) -> [FileProblem] {
    var problems: [FileProblem] = []
    for workflow in workflows {
      let path = "workflows.\(workflow.key)"
      for job in workflow.jobs where job.body.utf8.contains(0) || job.name.utf8.contains(0) {
        problems.append(Self.problem("\(path).jobs.\(job.key)", "no text file can hold a null byte"))
      }
      if format.isV2 { problems += workflow.problemsOfSteps(path) }
    }
    return problems
  }

  fileprivate static func problem(_ path: String, _ message: String) -> FileProblem {
    FileProblem(file: "export", path: path, message: message)
  }
}

extension WorkflowSpecification {
  /// In v2 an edge is known by the two steps that it joins.
  fileprivate func problemsOfSteps(_ path: String) -> [FileProblem] {
    var seen: Set<[String]> = []
    return edges.compactMap { edge in
      guard let target = edge.target else {
        return ProjectSpecification.problem(
          "\(path).edges.\(edge.key)", "v2 has no edges that lead nowhere: give it a target, or export as v1")
      }
      guard !seen.insert([edge.source.key, target]).inserted else { return nil }
      return ProjectSpecification.problem(
        "\(path).edges.\(edge.key)", "v2 has one edge between two steps: join the edges, or export as v1")
    }
  }
}
