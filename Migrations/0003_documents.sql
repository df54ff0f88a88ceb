-- The shared documents: an append-only log of CRDT updates with checkpoints, and the base, what rows and document last
-- agreed on. Keyed by the workflow's id and without foreign keys to it: a document outlives its rows.

-- One small row per document, locked by whoever writes to it.
create table documents (
  workflow_id uuid primary key,
  -- Changes only when the history is replaced.
  epoch bigint not null default 1,
  -- The client id that servers write to this document under, and the clock it has reached.
  server_client_id bigint not null,
  server_clock bigint not null,
  last_sequence bigint not null,
  base_revision bigint not null,
  base_lock_version integer not null,
  inserted_at timestamptz not null default clock_timestamp()
) with (fillfactor = 70);

create table document_bases (
  workflow_id uuid primary key references documents on delete cascade,
  -- The rows' content at the base's revision, and the ids of the characters of its texts as a V1 delete set.
  content json not null,
  ids bytea not null
);

create table document_updates (
  workflow_id uuid not null references documents on delete cascade,
  sequence bigint not null,
  -- One or more updates, each preceded by its length as a varuint.
  data bytea not null,
  inserted_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, sequence)
);

create table document_checkpoints (
  workflow_id uuid not null references documents on delete cascade,
  -- The state covers the log up to this number.
  sequence bigint not null,
  state bytea not null,
  inserted_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, sequence)
);

-- These are read and written whole, and compressing them costs more time than it saves space.
alter table document_bases alter column content set storage external, alter column ids set storage external;
alter table document_updates alter column data set storage external;
alter table document_checkpoints alter column state set storage external;

-- What a server wrote to a document by itself: one row per merge, save or reset.
create table reconciliations (
  workflow_id uuid not null,
  id uuid not null,
  kind text not null check (kind in ('reconcile', 'save', 'reset')),
  actor_type text not null,
  actor_id text,
  actor_name text,
  -- The revision of the base before and after.
  from_revision bigint not null,
  revision bigint not null,
  lock_version integer not null,
  -- The newest entry of the log afterwards.
  last_sequence bigint not null,
  update_bytes integer not null,
  conflicts integer not null,
  inserted_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, id)
);

create table conflicts (
  workflow_id uuid not null,
  id uuid not null default gen_random_uuid(),
  reconciliation_id uuid not null,
  kind text not null,
  -- Where it is, for example {jobs,<id>,body}.
  unit text[] not null,
  base json,
  live json,
  database json,
  -- For a text: the part of the base's text that both sides changed, in UTF-16 units.
  range_start integer,
  range_end integer,
  winner text not null,
  inserted_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, id),
  foreign key (workflow_id, reconciliation_id) references reconciliations
);
create index on conflicts (workflow_id, reconciliation_id);
