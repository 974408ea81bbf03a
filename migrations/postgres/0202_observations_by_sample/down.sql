DROP INDEX observation_sample;
CREATE INDEX observation_sample ON observation (sample_ref, id);
