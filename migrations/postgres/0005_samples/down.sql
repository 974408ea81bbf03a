DROP TABLE sample_receipt;
DROP TABLE custody_event;
DROP TABLE part;
DROP TABLE sample;
DROP TABLE sampling_form;
DROP TABLE form_import;
