ALTER TABLE observation DROP COLUMN reading_no;
DROP TABLE message_reading;
