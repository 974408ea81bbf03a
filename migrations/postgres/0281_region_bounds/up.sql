-- The box around a region in decimal degrees, as a laboratory has loaded it (records.md 2, gps): all four or none.
ALTER TABLE region ADD COLUMN south TEXT COLLATE "C";
ALTER TABLE region ADD COLUMN west TEXT COLLATE "C";
ALTER TABLE region ADD COLUMN north TEXT COLLATE "C";
ALTER TABLE region ADD COLUMN east TEXT COLLATE "C";
