-- Who wrote what in documents: noted beside each entry of the log, and kept in a compact form when the log is not.

-- By runs of updates: [[how many, who], …]. Null in entries of older servers.
alter table document_updates add column authors json;

create table document_blame (
  workflow_id uuid primary key references documents on delete cascade,
  -- What the dropped part of the log told: who wrote which clocks of which client, when, in which version. Null for nothing.
  authorship json,
  inserted_at timestamptz not null default clock_timestamp()
);

-- What these documents hold was written before now; by whom is not known.
insert into document_blame (workflow_id) select workflow_id from documents;
