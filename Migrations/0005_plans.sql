-- What an import would do, worked out before it is done, and who has documents open meanwhile.

create table import_plans (
  id uuid primary key,
  project_id uuid not null,
  -- What is to be imported. Gone when it was.
  document json,
  -- What the plan was computed for: where that is no longer so, the plan is outdated.
  versions json not null,
  state text not null default 'open' check (state in ('open', 'applied')),
  -- Names the attempt that applied it, by which a server finds out what became of one whose answer was lost.
  applied_by uuid,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  applied_at timestamptz
);
create index on import_plans (expires_at);

-- Who has which documents open, one row per server and document. Servers renew their rows; what is old was left behind
-- by one that crashed.
create table document_presence (
  workflow_id uuid not null,
  node_id uuid not null,
  members integer not null,
  -- The names that members show of themselves.
  names json not null,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, node_id)
);
