-- How the ports of an instrument are set up, as its agent reports it (quality.md Q64-8): a row for every change, valid from the
-- moment from which the agent ran with it.
CREATE TABLE link_settings (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    agent TEXT NOT NULL,
    -- An agent may name an instrument before the laboratory has it in its register.
    instrument_code TEXT NOT NULL,
    -- Of the agent's program, which cuts the bytes of a line into messages.
    program_version TEXT NOT NULL,
    -- Every port as JSON: line, protocol, profile.
    ports TEXT NOT NULL,
    valid_from TIMESTAMP NOT NULL,
    reported_at TIMESTAMP NOT NULL
);
CREATE INDEX link_settings_instrument ON link_settings (instrument_code, id);
CREATE TRIGGER link_settings_no_update BEFORE UPDATE ON link_settings
BEGIN SELECT RAISE(ABORT, 'link_settings is append-only'); END;
CREATE TRIGGER link_settings_no_delete BEFORE DELETE ON link_settings
BEGIN SELECT RAISE(ABORT, 'link_settings is append-only'); END;
