-- Non-conforming work (ISO/IEC 17025 7.10): what it is about, hold, evaluation, recall, corrective action.
-- entry (a value was corrected), instrument, lot, person, proficiency
ALTER TABLE nonconforming_work ADD COLUMN subject TEXT NOT NULL DEFAULT 'entry';
-- What it is called: code of the instrument, lot, name, scheme.
ALTER TABLE nonconforming_work ADD COLUMN subject_name TEXT NOT NULL DEFAULT '';
ALTER TABLE nonconforming_work ADD COLUMN instrument_id BIGINT REFERENCES instrument (id);
ALTER TABLE nonconforming_work ADD COLUMN person_id BIGINT REFERENCES person (id);
-- Results after this moment are listed; of an instrument empty: since each method's last accepted control.
ALTER TABLE nonconforming_work ADD COLUMN since TIMESTAMP;
-- low: cannot recur; medium, high: needs a corrective action (ISO/IEC 17025 7.10.3).
ALTER TABLE nonconforming_work ADD COLUMN risk TEXT NOT NULL DEFAULT 'low';
ALTER TABLE nonconforming_work ADD COLUMN root_cause TEXT NOT NULL DEFAULT '';
ALTER TABLE nonconforming_work ADD COLUMN corrective_action TEXT NOT NULL DEFAULT '';
ALTER TABLE nonconforming_work ADD COLUMN due_on DATE;
-- Of the check whether the corrective action worked.
ALTER TABLE nonconforming_work ADD COLUMN effect_remark TEXT NOT NULL DEFAULT '';
ALTER TABLE nonconforming_work ADD COLUMN effect_checked_at TIMESTAMP;
ALTER TABLE nonconforming_work ADD COLUMN closed_by BIGINT REFERENCES person (id);
ALTER TABLE nonconforming_work ADD COLUMN closing_remark TEXT NOT NULL DEFAULT '';
-- While true, no report with the item is reviewed or authorized; an affected item is free again with a new result.
ALTER TABLE nonconforming_item ADD COLUMN on_hold BOOLEAN NOT NULL DEFAULT FALSE;
-- Empty: not evaluated yet; none, affected
ALTER TABLE nonconforming_item ADD COLUMN effect TEXT NOT NULL DEFAULT '';
ALTER TABLE nonconforming_item ADD COLUMN remark TEXT NOT NULL DEFAULT '';
ALTER TABLE nonconforming_item ADD COLUMN evaluated_by BIGINT REFERENCES person (id);
ALTER TABLE nonconforming_item ADD COLUMN evaluated_at TIMESTAMP;
-- When the report that stood on it was recalled.
ALTER TABLE nonconforming_item ADD COLUMN recalled_at TIMESTAMP;
CREATE INDEX nonconforming_item_item ON nonconforming_item (item_id);
-- So far work came from corrected values alone: its results were calculated again at once.
UPDATE nonconforming_work SET state = 'resumed' WHERE state = 'open';
UPDATE nonconforming_item SET effect = 'affected' WHERE new_result_id IS NOT NULL;
