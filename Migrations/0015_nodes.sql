-- Several servers on one database: who there is, and who does what only one of them has to do.
-- works with: 14

create table nodes (
  id uuid primary key,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  -- By the database's clock. Who does not renew it until then counts as gone.
  lease_until timestamptz not null,
  version text not null,
  address text not null
);

-- Who does what of a document. It saves work and decides nothing: what two servers do all the same, one of them is refused.
-- After a crash of the database it is empty, which is right.
create unlogged table document_claims (
  -- The workflow's; only zeros for what concerns all documents.
  workflow_id uuid not null,
  task text not null,
  node_id uuid not null,
  lease_until timestamptz not null,
  primary key (workflow_id, task)
);
create index on document_claims (node_id);
create index on document_presence (node_id);

-- Tells apart what the servers of different databases say on one bus.
create table installation (
  is_only boolean primary key default true check (is_only),
  id uuid not null default gen_random_uuid()
);
insert into installation default values;
