-- The box around a region in decimal degrees, as a laboratory has loaded it (records.md 2, gps): all four or none.
ALTER TABLE region ADD COLUMN south TEXT;
ALTER TABLE region ADD COLUMN west TEXT;
ALTER TABLE region ADD COLUMN north TEXT;
ALTER TABLE region ADD COLUMN east TEXT;
