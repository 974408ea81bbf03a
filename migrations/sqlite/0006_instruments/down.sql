DROP TABLE port_lease;
DROP TABLE code_mapping;
DROP TABLE message_content;
DROP TABLE instrument_message;
DROP TABLE agent_stream;
DROP TABLE instrument;
