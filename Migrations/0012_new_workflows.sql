-- A workflow that was never saved has a document and no rows.

alter table documents
  -- The project that a new workflow will belong to; null once there are rows, or were.
  add column new_in_project uuid;
create index documents_new on documents (new_in_project) where new_in_project is not null;
