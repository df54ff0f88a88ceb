-- What audits found in documents that does not fit together, until an audit finds that it is gone. Without content.
-- works with: 14
create table document_differences (
  workflow_id uuid not null,
  kind text not null,
  detail text not null,
  found_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, kind)
);
create index on document_differences (found_at);
