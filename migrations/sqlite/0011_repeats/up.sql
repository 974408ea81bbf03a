-- What earlier messages said of a sample, and earlier messages with the same bytes or file name: looked for with every message.
CREATE INDEX observation_sample ON observation (sample_ref, id);
CREATE INDEX instrument_message_bytes ON instrument_message (instrument_code, sha256);
CREATE INDEX instrument_message_file ON instrument_message (instrument_code, file_name, id);
