-- Who takes the journal to a bus, and how far: everything up to the cursor is confirmed by the broker. A relay that is given
-- another name begins at the beginning of the journal.
create table relays (
  relay             text        primary key,
  cursor_xid        xid8        not null default '0',
  cursor_position   bigint      not null default 0,
  -- When the last event before the cursor was confirmed.
  published_at      timestamptz,
  owner             text,
  -- Rises with every change of owner; a cursor is not moved by an older fence.
  fence             bigint      not null default 0,
  lease_until       timestamptz
) with (fillfactor = 50);
