ALTER TABLE instrument_message DROP COLUMN came_at;
