import Testing
import Workflow

@Suite struct CapacityTests {
  /// Who may do what, written out.
  private static let table = """
                 read edit save reset decide renew import plan export notify sandbox merge create_project operate connect connect_repository sync
    unchecked     x    x    x    x     x      x     x      x    x      x     x       x      x              x       x       x                  x
    outsider      -    -    -    -     -      -     -      -    -      -     -       -      -              -       -       -                  -
    repository    x    -    -    -     -      -     x      x    x      x     -       -      -              -       -       -                  x
    nobody        -    -    -    -     -      -     -      -    -      -     -       -      -              -       x       -                  -
    viewer        x    -    -    -     -      -     -      -    x      -     -       -      -              -       x       -                  -
    editor        x    x    x    x     x      -     -      -    x      -     -       x      -              -       x       -                  x
    admin         x    x    x    x     x      x     x      x    x      x     x       x      -              -       x       x                  x
    owner         x    x    x    x     x      x     x      x    x      x     x       x      -              -       x       x                  x
    super         -    -    -    -     -      -     -      -    -      -     -       -      x              x       x       -                  -
    super+viewer  x    -    -    -     -      -     -      -    x      -     -       -      x              x       x       -                  -
    super+editor  x    x    x    x     x      -     -      -    x      -     -       x      x              x       x       -                  x
    super+admin   x    x    x    x     x      x     x      x    x      x     x       x      x              x       x       x                  x
    super+owner   x    x    x    x     x      x     x      x    x      x     x       x      x              x       x       x                  x
    """

  private static func capacity(_ name: Substring) -> Capacity? {
    switch name {
    case "unchecked": .unchecked
    case "outsider": .outsider
    case "repository": .repository
    case "nobody": .user(nil, isSuperuser: false)
    case "super": .user(nil, isSuperuser: true)
    default:
      Role(rawValue: String(name.replacing("super+", with: ""))).map { .user($0, isSuperuser: name.hasPrefix("super")) }
    }
  }

  @Test func everybodyMayDoWhatTheTableSays() throws {
    let lines = Self.table.split(separator: "\n").map { $0.split(separator: " ") }
    let verbs = try #require(lines.first).map { Verb(rawValue: String($0)) }
    #expect(verbs == Verb.allCases, "the table has every verb")
    for line in lines.dropFirst() {
      let capacity = try #require(Self.capacity(line[0]))
      for (verb, mark) in zip(Verb.allCases, line.dropFirst()) {
        #expect(capacity.may(verb) == (mark == "x"), "\(line[0]) \(verb)")
      }
    }
    #expect(lines.count == 1 + 5 + 2 * Role.allCases.count)
  }

  @Test func aHigherRoleMayDoAllThatALowerOneMay() {
    for (lower, higher) in zip(Role.allCases, Role.allCases.dropFirst()) {
      #expect(lower < higher)
      for verb in Verb.allCases where Capacity.user(lower, isSuperuser: false).may(verb) {
        #expect(Capacity.user(higher, isSuperuser: false).may(verb))
      }
    }
  }
}

@Suite struct SubjectTests {
  private let id = "3f2b8f0a-0000-4000-8000-00000000000a"

  @Test func usersAndRepositories() {
    #expect(Subject(id.uppercased()) == .user(id))
    #expect(Subject("auth0|5f7c8ec7") == .user("auth0|5f7c8ec7"))
    #expect(Subject("repository:\(id.uppercased())") == .repository(projectID: id))
    for subject in [Subject.user(id), .user("Ada"), .repository(projectID: id)] {
      #expect(Subject(subject.text) == subject)
    }
  }

  @Test(arguments: ["", "repository:", "repository:x", String(repeating: "x", count: 256)])
  func whatNamesNobody(text: String) {
    #expect(Subject(text) == nil && Subject("a\0b") == nil)
  }
}
