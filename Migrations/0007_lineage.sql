-- The histories that a workflow's document has had, and what people wrote in an earlier one and nowhere else.

-- Differs once the database was started anew or is another one: it may have been set back to a backup then.
create function heddle_database_life() returns bigint language sql stable as $$
  select (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint
    # ((select oid from pg_database where datname = current_database())::bigint << 20)
    # 'documents'::regclass::oid::bigint
$$;

alter table documents
  -- The client that wrote the first update: whoever has anything of this history knows it.
  add column root_client_id bigint,
  -- Differs each time that the document is made, even where the same history begins anew: a server that still has what
  -- was there before must not write to it.
  add column incarnation bigint not null default 1,
  -- The database's when the document was made, or first opened since it began. After a set-back servers write under another
  -- client id: under the old one clients may have what is not in the database any more.
  add column database_life bigint;
update documents set root_client_id = server_client_id;
alter table documents
  alter column root_client_id set not null,
  alter column database_life set default heddle_database_life();

create table document_lineages (
  workflow_id uuid not null,
  epoch bigint not null,
  root_client_id bigint not null,
  began_at timestamptz not null default clock_timestamp(),
  -- When and why another history took its place; null for the present one.
  ended_at timestamptz,
  reason text,
  -- How it ended, as far as that could be read: what it knew of each client, its state, and what that showed. The last
  -- two are let go after a while.
  state_vector bytea,
  state bytea,
  content json,
  primary key (workflow_id, epoch)
);
insert into document_lineages (workflow_id, epoch, root_client_id, began_at)
select workflow_id, epoch, root_client_id, inserted_at from documents;

-- What clients of other histories have brought, by history.
create table document_branches (
  workflow_id uuid not null,
  -- From 1 on.
  number bigint not null,
  root_client_id bigint not null,
  -- The history as far as clients brought it, and what it shows.
  state bytea not null,
  content json not null,
  -- Counts the changes of both.
  version bigint not null default 1,
  -- What the content differs from because of what people wrote: what was saved last in that history, or what of the
  -- branch was merged already. Null where nobody knows.
  base json,
  status text not null default 'open' check (status in ('open', 'merged', 'discarded', 'expired')),
  decided_by_type text,
  decided_by_id text,
  decided_by_name text,
  decided_at timestamptz,
  inserted_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, number)
);
create index on document_branches (updated_at);

alter table document_lineages alter column state set storage external, alter column content set storage external;
alter table document_branches
  alter column state set storage external, alter column content set storage external,
  alter column base set storage external;

-- A branch that is merged is a record like the others.
alter table reconciliations
  drop constraint reconciliations_kind,
  add constraint reconciliations_kind check (kind in ('reconcile', 'save', 'reset', 'resolve', 'recover'));
