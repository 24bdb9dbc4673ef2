-- Somebody who has not signed in for long keeps his id, which acts name, and the hash by which he is known again; who he was is emptied.
alter table identity_people alter column sealed drop not null;
-- Of old codes stay their id and when they were used; who made them and why is in the log of acts, where it is kept as long as that.
alter table identity_break_glass alter column reason drop not null;
alter table identity_break_glass alter column issued_by drop not null;
