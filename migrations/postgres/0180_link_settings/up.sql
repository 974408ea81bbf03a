-- How the ports of an instrument are set up, as its agent reports it (quality.md Q64-8): a row for every change, valid from the
-- moment from which the agent ran with it.
CREATE TABLE link_settings (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    agent TEXT COLLATE "C" NOT NULL,
    -- An agent may name an instrument before the laboratory has it in its register.
    instrument_code TEXT COLLATE "C" NOT NULL,
    -- Of the agent's program, which cuts the bytes of a line into messages.
    program_version TEXT COLLATE "C" NOT NULL,
    -- Every port as JSON: line, protocol, profile.
    ports TEXT COLLATE "C" NOT NULL,
    valid_from TIMESTAMP NOT NULL,
    reported_at TIMESTAMP NOT NULL
);
CREATE INDEX link_settings_instrument ON link_settings (instrument_code, id);
CREATE TRIGGER link_settings_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON link_settings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
