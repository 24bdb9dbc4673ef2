-- Proofs of possession (RFC 9449) that some process has taken, until their nonces end: one works once, wherever it comes again. Unlogged, so
-- that noting one waits for no disk: a server that crashes forgets them, and those of the last minutes could then come once more.
create unlogged table identity_used_proofs (
  -- Of the nonce that it was made with, since the epoch.
  nonce_minute bigint not null,
  -- The first half of SHA-256 over its key and its id.
  proof_hash   bytea  not null,
  primary key (nonce_minute, proof_hash)
);
