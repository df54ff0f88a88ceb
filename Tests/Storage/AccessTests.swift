import TestSupport
import Testing
import Workflow

@testable import Storage

/// Users, memberships, connections of repositories, and tokens that count no more.
@Suite struct AccessTests {
  private static let ada = "aaaaaaaa-0000-4000-8000-00000000000a"
  private static let other = "11111111-1111-4111-8111-11111111111f"
  private static let people = """
    insert into users (id, email, first_name, last_name, subject) values ('\(ada)', 'ada@example.com', 'Ada', 'Lovelace', 'idp|7');
    insert into users (email, is_superuser) values ('root@example.com', true);
    insert into project_memberships (project_id, user_id, role) values ('\(SampleProject.id)', '\(ada)', 'editor');
    insert into projects (id, name) values ('\(other)', 'other');
    """

  private let address: String
  private let psql: PlainConnection
  private let store: Store

  init() throws {
    address = try TestStore.sampleDatabase()
    psql = try PlainConnection(address)
    try psql.run(Self.people)
    store = TestStore.start(address)
  }

  private static let now: Int64 = 4_000_000_000_000

  private func ask(
    _ subject: Subject, _ target: AccessQuestion.Target, tokens: [String] = [], issuedAt: Int64 = now
  ) throws -> AccessAnswer {
    let credential = Credential(subject: subject, tokenIDs: tokens, issuedAt: issuedAt)
    let answers = try store.wait { store.readAccess([AccessQuestion(credential, target)], $0) }
    return try #require(answers.first)
  }

  private func known(_ answer: AccessAnswer) throws -> KnownAccess {
    guard case .known(let access) = answer else { throw TestSocket.Failure(description: "\(answer)") }
    return access
  }

  @Test func aMemberHasTheRoleInTheProjectAndItsWorkflows() throws {
    let targets: [AccessQuestion.Target] = [.project(SampleProject.id), .workflow(SampleProject.workflow)]
    for target in targets {
      for subject in [Subject.user(Self.ada), .user("idp|7")] {
        let access = try known(ask(subject, target))
        #expect(access.capacity == .user(.editor, isSuperuser: false))
        #expect(access.actor == Actor(type: "user", id: Self.ada, name: "Ada Lovelace"))
        #expect(access.projectID == SampleProject.id && access.hasMembers)
      }
    }
    let elsewhere = try known(ask(.user(Self.ada), .project(Self.other)))
    #expect(elsewhere.capacity == .user(nil, isSuperuser: false) && !elsewhere.hasMembers)
    let nowhere = try known(ask(.user(Self.ada), .workflow(Self.other)))
    #expect(nowhere.capacity == .user(nil, isSuperuser: false) && nowhere.projectID == nil)
    #expect(try known(ask(.user(Self.ada), .server)).projectID == nil)
  }

  @Test func whoIsNotThereIsUnknown() throws {
    #expect(try ask(.user("nobody"), .server) == .unknown)
    #expect(try ask(.user(Self.other), .server) == .unknown)
    #expect(try ask(.repository(projectID: SampleProject.id), .server) == .unknown)
  }

  @Test func aMembershipOfAProjectThatIsGoneIsWorthNothing() throws {
    try psql.run(
      "insert into project_memberships (project_id, user_id, role) select '\(Self.ada)', '\(Self.ada)', 'owner'")
    #expect(try known(ask(.user(Self.ada), .project(Self.ada))).capacity == .user(nil, isSuperuser: false))
  }

  @Test func aRepositoryBelongsToItsProject() throws {
    try psql.run(
      "insert into project_repo_connections (project_id, repo, branch) values ('\(SampleProject.id)', 'a/b', 'main')")
    let repository = Subject.repository(projectID: SampleProject.id)
    let access = try known(ask(repository, .workflow(SampleProject.workflow)))
    #expect(access.capacity == .repository && access.actor.type == "repository" && access.actor.name == "a/b")
    #expect(try known(ask(repository, .project(Self.other))).capacity == .outsider)
    // What was issued before the connection was made is for an earlier one.
    #expect(try ask(repository, .project(SampleProject.id), issuedAt: 1000) == .revoked)
    #expect(throws: (any Error).self) {
      try psql.run(
        "insert into project_repo_connections (project_id, repo, branch) values ('\(SampleProject.id)', 'c/d', 'main')")
    }
  }

  @Test func aTokenCanBeTakenBack() throws {
    let ada = Subject.user(Self.ada)
    try store.wait { store.revokeToken("one", until: Self.now / 1000, $0) }
    #expect(try ask(ada, .server, tokens: ["one"]) == .revoked)
    #expect(try ask(ada, .server, tokens: ["two", "one"]) == .revoked)
    _ = try known(ask(ada, .server, tokens: ["two"]))
  }

  @Test func allTokensUntilNowCanBeTakenBack() throws {
    let ada = Subject.user(Self.ada)
    _ = try known(ask(ada, .server, issuedAt: 1000))
    #expect(try store.wait { store.revokeTokens(of: ada, $0) })
    #expect(try ask(ada, .server, issuedAt: 1000) == .revoked)
    _ = try known(ask(ada, .server))
    #expect(try !store.wait { store.revokeTokens(of: .user(Self.other), $0) })
  }

  @Test func whatExpiredByItselfIsForgotten() throws {
    try store.wait { store.revokeToken("old", until: 1000, $0) }
    try store.wait { store.revokeToken("new", until: Self.now / 1000, $0) }
    try TestStore.expire(olderThan: .seconds(3600), TestStore.connection(address))
    #expect(try psql.run("select id from revoked_tokens") == [["new"]])
  }

  @Test func manyQuestionsAreAnsweredInTheirOrder() throws {
    let credentials = ["nobody", Self.ada, "idp|7"].map { Credential(subject: .user($0), issuedAt: Self.now) }
    let questions = (0..<300).map { AccessQuestion(credentials[$0 % 3], .project(SampleProject.id)) }
    let answers = try store.wait { store.readAccess(questions, $0) }
    #expect(answers.count == 300)
    for (number, answer) in answers.enumerated() { #expect((answer == .unknown) == (number % 3 == 0)) }
  }

  @Test func usersAreFoundByAllTheirNames() throws {
    for text in [Self.ada, Self.ada.uppercased(), "ADA@example.com", "idp|7"] {
      #expect(try store.wait { store.findUser(text, $0) } == Self.ada, "\(text)")
    }
    #expect(try store.wait { store.findUser("grace@example.com", $0) } == nil)
  }

  @Test func theSecretIsOneForAll() throws {
    let first = try store.wait { store.tokenSecret($0) }
    #expect(first.count == 32)
    #expect(try TokenRecords.secret("tokens", TestStore.connection(address)) == first)
  }

  static let changes = [
    "update users set is_superuser = true", "delete from users where email like 'root%'",
    "insert into project_memberships (project_id, user_id, role) select '\(other)', id, 'viewer' from users",
    "update project_memberships set role = 'viewer'", "delete from project_memberships", "truncate project_memberships",
    "insert into project_repo_connections (project_id, repo, branch) values ('\(other)', 'a/b', 'main')",
    "insert into revoked_tokens (id, expires_at) values ('x', now())",
  ]

  @Test(arguments: changes) func aChangeIsTold(sql: String) throws {
    // The poll is far away, so that what is heard is the notification.
    let store = TestStore.start(address) { $0.pollInterval = .seconds(3600) }
    let heard = Answers<Bool>()
    // The first poll tells as well: it is over once a change of rows is known.
    let rows = Answers<String>()
    store.onRowsChanged(rows.add)
    _ = try store.open()
    try psql.run("update workflows set name = 'x'")
    _ = try rows.wait(for: 1)
    store.onAccessChanged { heard.add(true) }
    try psql.run(sql)
    #expect(try heard.wait(for: 1) == [true])
  }

  @Test func thePollTellsToo() throws {
    let store = TestStore.start(address) { $0.pollInterval = .milliseconds(20) }
    let heard = Answers<Bool>()
    store.onAccessChanged { heard.add(true) }
    _ = try heard.wait(for: 2)
  }

  @Test func whoImportsAProjectWithoutMembersOwnsIt() throws {
    let root = try #require(try store.wait { store.findUser("root@example.com", $0) })
    for (user, project) in [(root, Self.other), (Self.ada, Self.other), (root, SampleProject.id)] {
      let provenance = Provenance(.importing, actor: Actor(type: "user", id: user, name: "x"))
      _ = try store.wait {
        store.updateProject(project, mentionedIDs: [], provenance: provenance, { old, _ in old! }, $0)
      }
    }
    #expect(
      try psql.run("select user_id::text, role from project_memberships where project_id = '\(Self.other)'")
        == [[root, "owner"]])
    #expect(
      try psql.run("select user_id::text, role from project_memberships where project_id = '\(SampleProject.id)'")
        == [[Self.ada, "editor"]])
  }
}
