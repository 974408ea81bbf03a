-- What earlier messages said of a sample is looked for with every message: found without walking through the message's own rows.
DROP INDEX observation_sample;
CREATE INDEX observation_sample ON observation (sample_ref, message_id);
