import Testing

@testable import Storage

/// A migration that servers of the schema before survive.
@Suite struct MigrationRuleTests {
  @Test(arguments: Migration.all.filter { $0.number >= 15 }.map(\.number))
  func everyMigrationFrom15OnLetsOlderServersWork(number: Int) throws {
    let migration = try #require(Migration.all.first { $0.number == number })
    #expect(MigrationRules.violations(of: migration) == [])
    #expect(migration.worksWith >= 14, "what came before does not ask")
  }

  @Test(arguments: [
    "drop table jobs", "alter table jobs drop column body", "alter table jobs rename column body to code",
    "alter table jobs alter column name type text", "alter table jobs alter column body set not null",
    "alter table jobs add column a int not null", "alter table jobs add column at timestamptz default now()",
    "alter table jobs add column a int check (a > 0)", "alter table jobs add constraint c check (name <> '')",
    "create index on jobs (body)", "create unique index i on jobs (body)", "update jobs set body = ''",
    "insert into jobs select * from jobs",
    "delete from jobs", "truncate jobs", "alter table jobs add column a int, drop column b",
  ])
  func whatHurtsOlderServersIsFound(sql: String) {
    let migration = Migration(99, "bad", Array("-- works with: 98\ncreate table a (b int);\n\(sql);".utf8))
    #expect(MigrationRules.violations(of: migration).count == 1, "\(sql)")
  }

  @Test(arguments: [
    "create table a (b int not null check (b > 0)); create index on a (b); alter table a add unique (b)",
    "alter table jobs add column a int, add column c text not null default ''",
    "alter table jobs add constraint c check (name <> '') not valid",
    "create function f() returns trigger language plpgsql as $$ begin delete from jobs; end $$",
    "create unlogged table a (b int); insert into a default values; create index on document_presence (node_id)",
    "drop trigger a on jobs; create trigger a before insert on jobs for each row execute function f()",
  ])
  func whatOnlyAddsIsAllowed(sql: String) {
    let migration = Migration(99, "good", Array("-- Says why; not what.\n-- works with: 98\n\(sql);".utf8))
    #expect(MigrationRules.violations(of: migration) == [], "\(sql)")
  }

  @Test func aFileThatDoesNotSayWithWhomItWorksIsFound() {
    #expect(MigrationRules.violations(of: Migration(99, "mute", Array("create table a (b int);".utf8))).count == 1)
  }
}
