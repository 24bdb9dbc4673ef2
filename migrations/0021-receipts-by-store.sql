-- Receipts of one store, as a replay or a person looks for them, without a look at those of all others.
-- Serves findReceipts with a store: pages in journal order.
create index journal_events_by_store on journal_events (split_part(ordering_key, '/', 1), xid, position)
  where event_type = 'pos.transaction.recorded.v1';
