-- What servers did to documents and why, and what became of conflicts: numbered, so that people can speak of them.

-- Who wrote a revision of a workflow's rows, where the writer said so. Kept until it is merged.
create table workflow_writes (
  workflow_id uuid not null,
  revision bigint not null,
  source text not null,
  actor_type text not null,
  actor_id text,
  actor_name text,
  git_commit text,
  primary key (workflow_id, revision)
);

-- The number of the newest record.
alter table documents add column last_reconciliation bigint not null default 0;

alter table reconciliations
  -- Counts those of one document.
  add column number bigint,
  add column source text not null default 'database',
  add column git_commit text,
  -- What differs between the bases before and after, with the values.
  add column changes json not null default '[]',
  drop constraint reconciliations_kind_check,
  add constraint reconciliations_kind check (kind in ('reconcile', 'save', 'reset', 'resolve'));
update reconciliations r set number = n.number, source = case when kind = 'reconcile' then source else kind end
from (
  select workflow_id, id, row_number() over (partition by workflow_id order by inserted_at, id) as number
  from reconciliations
) n where n.workflow_id = r.workflow_id and n.id = r.id;
update documents d set last_reconciliation =
  (select count(*) from reconciliations r where r.workflow_id = d.workflow_id);
alter table reconciliations
  alter column number set not null,
  alter column source drop default,
  alter column changes set storage external,
  add constraint reconciliations_number unique (workflow_id, number);
create index on reconciliations (inserted_at);

alter table conflicts
  add column reconciliation bigint,
  -- From 1 on, within the reconciliation.
  add column place integer,
  -- For a text: what the document showed after the merge.
  add column result json,
  -- The clients that wrote the live side.
  add column editors bigint[] not null default '{}',
  add column status text not null default 'open'
    constraint conflicts_status check (status in ('open', 'resolved', 'closed', 'expired')),
  -- What was chosen, or why there is nothing to choose any more.
  add column outcome text,
  add column decided_by_type text,
  add column decided_by_id text,
  add column decided_by_name text,
  add column decided_at timestamptz;
update conflicts c set reconciliation = n.reconciliation, place = n.place
from (
  select c.workflow_id, c.id, r.number as reconciliation,
    row_number() over (partition by c.workflow_id, c.reconciliation_id order by c.inserted_at, c.id) as place
  from conflicts c join reconciliations r on r.workflow_id = c.workflow_id and r.id = c.reconciliation_id
) n where n.workflow_id = c.workflow_id and n.id = c.id;
alter table conflicts
  drop column reconciliation_id,
  drop column id,
  alter column reconciliation set not null,
  alter column place set not null,
  add primary key (workflow_id, reconciliation, place),
  add foreign key (workflow_id, reconciliation) references reconciliations (workflow_id, number) on delete cascade;
create index conflicts_open on conflicts (workflow_id) where status = 'open';
create index on conflicts (inserted_at);
