-- The exact decimal behind `<`, `>`: the print alone does not say it, because its marks are those of the profile.
-- NULL in rows read before: they are read again where they wait.
ALTER TABLE observation ADD COLUMN bound TEXT;
