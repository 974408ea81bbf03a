DROP INDEX instrument_message_file;
DROP INDEX instrument_message_bytes;
DROP INDEX observation_sample;
