-- Where the test was made goes back to where it stood before: beside the stall.
DROP TABLE rapid_picture;
DROP INDEX rapid_test_waiting;
UPDATE rapid_test SET unit_name = place || ' ' || unit_name WHERE place <> '';
ALTER TABLE rapid_test DROP COLUMN erased_at;
ALTER TABLE rapid_test DROP COLUMN handling;
ALTER TABLE rapid_test DROP COLUMN repeat_verdict;
ALTER TABLE rapid_test DROP COLUMN repeat_reading;
ALTER TABLE rapid_test DROP COLUMN tested_by;
ALTER TABLE rapid_test DROP COLUMN reader;
ALTER TABLE rapid_test DROP COLUMN place;
