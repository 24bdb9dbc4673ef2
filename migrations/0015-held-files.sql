-- A file of which too many lines are bad is stopped where it is and keeps its bytes until somebody decides: to go on to its end
-- (bad_accepted), or to leave the rest. finished_at is set when it ends.
alter table files drop constraint files_state_check;
alter table files add constraint files_state_check
  check (state in ('uploading', 'waiting', 'held', 'done', 'rejected'));
alter table files add column bad_accepted boolean not null default false;

-- For the worker that looks for the next one, for the sweep of uploads that broke off, and for the limit: what is held has its bytes.
drop index files_open;
create index files_open on files (received_at) where state in ('uploading', 'waiting', 'held');
