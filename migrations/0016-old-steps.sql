-- Serves the deletion of old steps of settled events, the oldest first.
create index delivery_steps_by_age on delivery_steps (recorded_at);
