-- What a document held when rows and document last agreed, as a state vector: a merge tells by it what was deleted before.
-- Null where that was not written down.
alter table document_bases add column state_vector bytea;
