-- SHA-256 of the ticket that came with the answer: each brings one. NULL: from paper, or before tickets were used once.
ALTER TABLE campaign_response ADD COLUMN ticket_hash TEXT COLLATE "C";
CREATE UNIQUE INDEX campaign_response_ticket ON campaign_response (ticket_hash);
