DROP TABLE calibration_confirmation;
DROP TABLE calibration_file;
ALTER TABLE result_entry DROP COLUMN correction;
ALTER TABLE calibration DROP COLUMN applies;
