-- Entities that the rows had under other ids than before, and what they were known by.
alter table reconciliations add column renames json not null default '[]';

-- What made newer bases out of `content`, oldest first, so that a small change is a small write.
alter table document_bases add column differences json[] not null default '{}';
alter table document_bases alter column differences set storage external;

-- Who writes a whole content need not know of differences.
create function heddle_forget_differences() returns trigger
language plpgsql as $$
begin
  new.differences := '{}';
  return new;
end
$$;
create trigger a_whole_base before update of content on document_bases
  for each row execute function heddle_forget_differences();
