DROP INDEX campaign_response_ticket;
ALTER TABLE campaign_response DROP COLUMN ticket_hash;
