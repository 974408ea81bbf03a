-- Methods that a limited instrument may be used for, as the list said that it was imported from; a later change of status has its own.
ALTER TABLE instrument ADD COLUMN allowed_methods TEXT NOT NULL DEFAULT '';
