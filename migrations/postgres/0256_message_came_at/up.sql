-- When a message came, by the server's clock: beside a batch the agent says what time it has, so how long the message waited on
-- its disk is known however wrong that clock is. None: it was stored by a program from before that.
ALTER TABLE instrument_message ADD COLUMN came_at TIMESTAMP;
