-- What a document held when it was given a new history and not all of it could be read: as it was stored, for people.
create table document_remains (
  workflow_id uuid not null,
  kind text not null constraint document_remains_kind check (kind in ('update', 'checkpoint')),
  sequence bigint not null,
  data bytea not null,
  inserted_at timestamptz not null default clock_timestamp()
);
create index on document_remains (workflow_id);
create index on document_remains (inserted_at);
alter table document_remains alter column data set storage external;
