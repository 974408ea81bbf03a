-- Witnesses of a campaign (workflow.md 4.7): consumers and media who were invited, with their consent. Who withdraws it is
-- not named any more.
CREATE TABLE campaign_witness (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    -- consumer, media
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    consented_on DATE NOT NULL,
    -- How the consent was given: signed form, message, …
    consent TEXT COLLATE "C" NOT NULL,
    withdrawn_at TIMESTAMP,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX campaign_witness_campaign ON campaign_witness (campaign_id);
