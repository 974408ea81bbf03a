-- Who tested in a round of a proficiency test (quality.md Q62-5); empty: it is not said of one person.
ALTER TABLE proficiency_round ADD COLUMN tester_id BIGINT REFERENCES person (id);
